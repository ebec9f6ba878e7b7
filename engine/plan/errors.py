"""What is wrong with a plan."""


class PlanError(ValueError):
    """A plan that cannot be: one line that names the setting by its dotted key, what is wrong and what is allowed.

    Attributes:
        key: the dotted key of the setting, such as "method.w_lr", so that a form can show the line beside it; "" where
            the fault belongs to no single setting.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key
