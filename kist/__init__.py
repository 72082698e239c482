"""What programs that live with Kist install: `kist.client`. The service itself is `app`; neither imports the other."""
