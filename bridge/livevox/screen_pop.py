"""[sans-IO] The screen pop: what the customer's portal shows a human agent of the caller (livevox_api 2.6)."""

from typing import Annotated

from bridge.livevox.scalars import AnswerPart, Listed, Text, key_of


class ScreenPopRow(AnswerPart):
    """One labelled value, as LiveVox wrote it."""

    key: Text = ""
    value: Text = ""


class ScreenPop(AnswerPart):
    """Rows in LiveVox's order; none when the service shows nothing."""

    screen_pop_row: Annotated[tuple[ScreenPopRow, ...], Listed] = ()

    @property
    def rows(self) -> tuple[ScreenPopRow, ...]:
        """The rows as they came."""
        return self.screen_pop_row

    @property
    def fields(self) -> dict[str, str]:
        """Values by label, lower case without blanks and underscores: "ACCOUNT NUMBER" is `accountnumber`.

        Of several rows with one label the first counts; rows without a label are left out.
        """
        found: dict[str, str] = {}
        for row in self.screen_pop_row:
            found.setdefault(key_of(row.key), row.value)
        found.pop("", None)
        return found
