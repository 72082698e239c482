"""What staff can do on the pages: each act is a route of the API with a form.

An act is one declaration (`act.Act`). From it come the form, the preview, the confirmation, the receipt, the buttons on
the pages, and the permission, which is the one of the API's route.

- `act`: the parts of a declaration
- `subjects`, `loan_subjects`, `card_subjects`: what an act is about
- `standing`: how a loan or a card account stands before and after it
- `reading`: a form as the body of the API's route
- `doing`: the preview, and the act itself
- `act_view`: the pages of a form, a preview and a receipt
- `every`: all acts, and those that a page offers
- `payments`, `charges`, `changes`, `change_proposals`, `concessions`, `proposals`, `cards`, `card_accounts`,
  `card_money`, `card_plans`, `billing`, `credit`, `collections`: the declarations
"""
