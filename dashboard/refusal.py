"""Refusal: what a command cannot do, as a code that has a sentence in dashboard/text under cli."""


class Refusal(Exception):
    """Ends a command with one sentence. `is_wrong_use`: the caller's mistake, exit code 2."""

    def __init__(self, code: str, *, is_wrong_use: bool = False, **facts: object) -> None:
        super().__init__(code)
        self.code, self.is_wrong_use, self.facts = code, is_wrong_use, facts
