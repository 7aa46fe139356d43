"""What the gateway says of options that it cannot use."""

import pytest

from gatewright.settings.installation import make_settings
from gatewright.settings.refusal import SettingsError


def refusal_of(options):
    """The sentence by which these options are refused, as they must be."""
    with pytest.raises(SettingsError) as refused:
        make_settings(options)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    return sentence
