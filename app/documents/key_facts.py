"""The key facts statement, in the form of the Reserve Bank's circular of 15 April 2024 (RBI/2024-25/18).

Annex A, part 1 describes the loan and its costs, Annex B the computation of the annual percentage rate, Annex C the
repayment schedule. A statement of an offer or a loan names the proposal, its validity, the lender and the borrower. A
quote is not yet an offer to a person, so its part 2 of Annex A refers to the loan agreement.
"""

from app.documents import key_facts_words as words
from app.documents.grids import form_line, form_row
from app.documents.key_facts_about import KeyFactsAbout
from app.documents.layout import Block, Frame, render, space
from app.documents.lender import letterhead
from app.documents.paper_parts import parties
from app.documents.parts import Column, note, pairs, paragraph, table, titled
from app.documents.words import PERIODS, Language, Text, amount, day, percent, rupees, term
from app.domain.lender.profiles import LenderVersion
from app.domain.offers.quotes import Quote
from app.domain.products.charge_terms import Fee, FeePaid
from app.domain.schedules.terms import ScheduleTerms

_SHARES = (12, 15, 22, 17, 17, 17)


def key_facts_pdf(
    found: Quote,
    *,
    terms: ScheduleTerms,
    about: KeyFactsAbout | None = None,
    lender: LenderVersion | None = None,
    language: Language = Language.ENGLISH,
) -> bytes:
    """The key facts statement as a PDF file; the same facts give the same bytes. `lender` is who quotes, where there is
    no `about`."""
    form = _Form(found, terms, about, language)
    return render(form.blocks(), frame=form.frame(lender if about is None else about.lender))


class _Form:
    """One statement in one language."""

    def __init__(self, found: Quote, terms: ScheduleTerms, about: KeyFactsAbout | None, language: Language) -> None:
        self.found, self.terms, self.about, self.language = found, terms, about, language

    def frame(self, lender: LenderVersion | None) -> Frame:
        about, language = self.about, self.language
        foot = words.QUOTE_FOOT.to(language) if about is None else words.FOOT.to(language, number=about.proposal)
        return Frame(
            title=words.TITLE.en,
            title_hindi=words.TITLE.hi,
            about=f"{rupees(self.found.facts.sanctioned_paise)} over {self._term()}",
            foot=foot,
            letterhead=letterhead(lender, language),
            language=language,
        )

    def blocks(self) -> list[Block]:
        language = self.language
        blocks = [] if self.about is None else self._who(self.about)
        blocks += [titled(words.PART_ONE, language), *self._part_one()]
        blocks += [titled(words.PART_TWO_TITLE, language), *self._part_two()]
        # The quote has its computation on a page of its own. A statement with more lines flows on.
        blocks += [titled(words.COMPUTATION, language, opens_page=self.about is None), *self._computation()]
        blocks += [space(4), note(words.QUALIFICATION.to(language))]
        if self.about is not None:
            blocks += [note(words.DATES.to(language)), titled(words.ACCEPTANCE, language), self._acceptance(self.about)]
            blocks += self._changed(self.about)
        return [*blocks, titled(words.SCHEDULE, language), *self._schedule()]

    def _term(self) -> str:
        facts = self.found.facts
        return term(facts.instalments, every=facts.every, frequency=facts.frequency, language=self.language)

    def _who(self, about: KeyFactsAbout) -> list[Block]:
        """The borrower, the proposal and until when it can be accepted."""
        language = self.language
        who = parties(
            about.borrower,
            language,
            number=about.proposal,
            about=about.product,
            on=day(about.issued_on, language),
        )
        valid = words.AT_ONCE.to(language) if about.valid_until is None else day(about.valid_until, language)
        entries = [
            (words.PROPOSAL.to(language), about.proposal),
            (words.ISSUED.to(language), day(about.issued_on, language)),
            (words.VALID.to(language), valid),
            (words.ACCOUNT.to(language), about.loan_id or "–"),
        ]
        return [who, pairs(entries)]

    def _part_one(self) -> list[Block]:
        facts, language, terms = self.found.facts, self.language, self.terms
        frequency = facts.frequency.value if language is Language.ENGLISH else PERIODS[facts.frequency]
        kind = words.INSTALMENT_KINDS[terms.amortisation].to(language, frequency=frequency)
        rate_kind = words.RATE_KINDS[self._rate_type()].to(language)
        rate = words.RATE_VALUE.to(language, rate=percent(facts.annual_rate_percent), kind=rate_kind)
        first = (kind, str(facts.instalments), amount(facts.instalment_paise), day(facts.first_due_on, language))
        return [
            self._of_form("1", self._number()),
            self._of_form("2", rupees(facts.sanctioned_paise), strong=True),
            self._of_form("3", self._disbursed()),
            self._of_form("4", self._term()),
            form_row("5", [title.to(language) for title in words.INSTALMENT_HEAD], head=True),
            form_row("", first),
            self._of_form("6", rate, strong=True),
            self._of_form("7", self._floating()),
            *self._fees(),
            self._of_form("9", percent(facts.apr_percent), strong=True),
            self._of_form("10", words.LISTED.to(language)),
            *self._contingent(),
        ]

    def _disbursed(self) -> str:
        """When the money is paid out; of a top-up, with what was lent before."""
        found = words.disbursal_words(self.terms, self.language)
        before = 0 if self.about is None else self.about.lent_before_paise
        return f"{found}\n{words.LENT_BEFORE.to(self.language, amount=rupees(before))}" if before else found

    def _rate_type(self) -> str:
        is_floating = self.about is not None and self.about.benchmark is not None
        return "floating" if is_floating else self.found.facts.rate_type

    def _floating(self) -> str:
        if self.about is not None and self.about.benchmark is not None:
            return words.BENCHMARK.to(self.language, name=self.about.benchmark)
        words_of_quote = words.FIXED if self.found.facts.rate_type == "fixed" else words.FLOATING
        return words_of_quote.to(self.language)

    def _of_form(self, number: str, value: str, *, strong: bool = False) -> Block:
        return form_line(number, words.LINES[number].to(self.language), value, strong=strong)

    def _number(self) -> str:
        about = self.about
        if about is None:
            return words.QUOTE_NUMBER.to(self.language)
        return " / ".join(filter(None, (about.proposal, about.loan_id))) + f"; {about.product}"

    def _fees(self) -> list[Block]:
        """Line 8. A fee is payable to the lender or to a third party, each with its tax."""
        language = self.language
        rows = [self._fee(fee) for fee in self.found.facts.fees]
        if not rows:
            nothing = words.NOT_STATED if self.about is None else words.NONE
            rows = [(words.NONE.to(language), rupees(0), "–", nothing.to(language))]
        head = [title.to(language) for title in words.FEE_HEAD]
        return [form_row("8", head, head=True), *(form_row("", row) for row in rows)]

    def _fee(self, fee: Fee) -> tuple[str, str, str, str]:
        language = self.language
        text = words.WITH_TAX if fee.tax_paise else words.ONE_TIME
        value = text.to(language, amount=rupees(fee.total_paise), tax=rupees(fee.tax_paise))
        other = (words.NOT_STATED if self.about is None else words.NONE).to(language)
        payable = (other, value) if fee.for_third_party else (value, other)
        return fee.name, payable[0], words.fee_words(fee.paid, language), payable[1]

    def _contingent(self) -> list[Block]:
        language, lines = self.language, []
        for label, kinds in words.CONTINGENT:
            if self.about is None:
                value = words.NOT_STATED.to(language)
            else:
                named = [charge for charge in self.about.contingent if charge.per in kinds]
                value = "\n".join(words.charge_words(charge, language) for charge in named) or words.NONE.to(language)
            lines.append(form_line("", label.to(language), value))
        return lines

    def _part_two(self) -> list[Block]:
        language = self.language
        if self.about is None:
            values = [words.IN_AGREEMENT.to(language)] * len(words.PART_TWO)
        else:
            values = self._particulars(self.about)
        return [
            form_line(str(number), label.to(language), value)
            for number, (label, value) in enumerate(zip(words.PART_TWO, values, strict=True), start=1)
        ]

    def _particulars(self, about: KeyFactsAbout) -> list[str]:
        """The lender's particulars, in the order of part 2."""
        language = self.language
        profile = None if about.lender is None else about.lender.profile

        def text(field: str, without: Text) -> str:
            found = None if profile is None else profile.text(field, hindi=language is Language.HINDI)
            return found or without.to(language)

        officer = words.IN_AGREEMENT.to(language)
        if profile is not None:
            officer = "\n".join((profile.grievance_officer, profile.grievance_phone, profile.grievance_email))
        leaving = (words.GIVING_BACK if about.lent_before_paise else words.COOLING_OFF).to(
            language,
            until=day(about.leave_until, language),
            amount=rupees(about.leave_for_paise),
            service=text("recovery_service", words.NO_AGENT),
        )
        return [
            text("recovery_clause", words.NO_CLAUSE),
            text("grievance_clause", words.BY_OFFICER),
            officer,
            text("transfer_terms", words.NO_TRANSFER),
            self._together(about),
            leaving,
        ]

    def _together(self, about: KeyFactsAbout) -> str:
        """Who lends together, the share of each, and the blended rate."""
        language, together = self.language, about.co_lending
        if together is None:
            return words.NOT_COLLABORATIVE.to(language)
        profile = None if about.lender is None else about.lender.profile
        lender = None if profile is None else profile.text("name", hindi=language is Language.HINDI)
        return words.COLLABORATIVE.to(
            language,
            lender=lender or words.THE_LENDER.to(language),
            own=percent(100 - together.partner_share_percent),
            partner=together.partner,
            share=percent(together.partner_share_percent),
            rate=percent(self.found.facts.annual_rate_percent),
        )

    def _computation(self) -> list[Block]:
        """Annex B: all figures from which the annual percentage rate is computed."""
        facts, schedule, language = self.found.facts, self.found.schedule, self.language
        deducted = sum(fee.total_paise for fee in facts.fees if fee.paid is FeePaid.DEDUCTED)
        last = rupees(schedule.instalments[-1].amount_paise)
        first_due, last_due = day(facts.first_due_on, language), day(facts.last_due_on, language)
        values = (
            rupees(facts.sanctioned_paise),
            self._term(),
            str(facts.instalments),
            words.EQUATED.to(language, count=facts.instalments, amount=rupees(facts.instalment_paise), last=last),
            rupees(schedule.capitalised_paise) if schedule.capitalised_paise else words.NONE.to(language),
            first_due,
            words.RATE_KINDS[self._rate_type()].to(language),
            percent(facts.annual_rate_percent),
            rupees(facts.interest_paise),
            words.DEDUCTED.to(language, amount=rupees(facts.fees_paise), deducted=rupees(deducted)),
            rupees(facts.net_disbursed_paise),
            rupees(facts.total_payable_paise),
            percent(facts.apr_percent),
            percent(facts.apr_effective_percent),
            words.disbursal_words(self.terms, language),
            words.UNTIL.to(language, first=first_due, last=last_due),
        )
        numbers = ("1", "2", "a)", "b)", "c)", "d)", "3", "4", "5", "6", "7", "8", "9", "", "10", "11")
        return [
            form_line(number, label.to(language), value, strong=number in ("7", "8", "9"))
            for number, label, value in zip(numbers, words.ANNEX_B, values, strict=True)
        ]

    def _acceptance(self, about: KeyFactsAbout) -> Block:
        language = self.language
        if about.accepted_on is not None:
            by = (words.BY_STAFF if about.accepted_by_staff else words.BY_BORROWER).to(language)
            return paragraph(words.ACCEPTED.to(language, on=day(about.accepted_on, language), by=by))
        if about.valid_until is None:
            return paragraph(words.APPLIED.to(language))
        return paragraph(words.NOT_ACCEPTED.to(language, until=day(about.valid_until, language)))

    def _changed(self, about: KeyFactsAbout) -> list[Block]:
        """What changed since: the statement stays what was accepted."""
        language = self.language
        lines = [
            words.changed_words(each.kind).to(
                language,
                on=day(each.on, language),
                rate="" if each.annual_rate_percent is None else percent(each.annual_rate_percent),
                proposal=each.proposal or "–",
            )
            for each in about.changes
        ]
        if not lines:
            return []
        return [titled(words.CHANGED, language), paragraph("\n".join(lines)), note(words.STAYS.to(language))]

    def _schedule(self) -> list[Block]:
        """Annex C. The outstanding principal is that before the instalment, as in the form of the Reserve Bank."""
        language, schedule = self.language, self.found.schedule
        columns = [
            Column(title=title.to(language), share=share, align="left" if place < 2 else "right")
            for place, (title, share) in enumerate(zip(words.COLUMNS, _SHARES, strict=True))
        ]
        rows = []
        for row in schedule.instalments:
            before = row.balance_paise + row.principal_paise - row.capitalised_paise
            figures = (before, row.principal_paise, row.interest_paise, row.amount_paise)
            rows.append((str(row.number), day(row.due_on, language), *(amount(figure) for figure in figures)))
        sums = (schedule.principal_paise, schedule.interest_paise, schedule.amount_paise)
        total = (words.TOTAL.to(language), "", "", *(amount(figure) for figure in sums))
        return table(columns, rows, total=total)
