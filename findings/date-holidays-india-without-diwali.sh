#!/usr/bin/env bash
# date-holidays 3.37.0 (npm), holidays of India and of Maharashtra.
# One would expect: the days on which its banks are closed, as for other countries with a moon calendar, or no answer for
# India: Diwali, Holi, both Eids, Mahavir and Guru Nanak Jayanti move every year and are holidays of every bank.
# What happens: only holidays with a fixed day, and Good Friday, are there: six for India, one more for Maharashtra, and
# nothing says that the list is not whole. A due date that has to move from a day of Diwali stays where it is. The same
# package knows both Eids for Turkey.
# Cure: a lender's own list of closed days, from the notifications of its states, as data.
# Output seen:
#   India 2026: Republic Day, Good Friday, Ambedkar Jayanti, Independence Day, Gandhi Jayanti, Christmas Day
#   Maharashtra, besides: Maharashtra Day
#   Turkey, by the moon: End of Ramadan (Eid al-Fitr), Feast of the Sacrifice (Eid al-Adha)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund date-holidays@3.37.0 >/dev/null
found=$(node -e '
const Holidays = require("date-holidays");
const names = (...place) => new Holidays(...place).getHolidays(2026, "en").map((day) => day.name);
const india = names("IN");
console.log("India 2026: " + india.join(", "));
console.log("Maharashtra, besides: " + names("IN", "MH").filter((name) => !india.includes(name)).join(", "));
console.log("Turkey, by the moon: " + names("TR").filter((name) => name.includes("Eid")).join(", "));
')
echo "date-holidays $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/date-holidays/package.json")).version')"
echo "$found"
if [ "$found" != "India 2026: Republic Day, Good Friday, Ambedkar Jayanti, Independence Day, Gandhi Jayanti, Christmas Day
Maharashtra, besides: Maharashtra Day
Turkey, by the moon: End of Ramadan (Eid al-Fitr), Feast of the Sacrifice (Eid al-Adha)" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
