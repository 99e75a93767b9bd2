"""The configuration: one TOML file, environment variables and secret files over it, checked before anything starts.

`load` gives a `Settings` or a UserError that names every wrong key. The settings themselves are declared once, in
`sections`; the annotated default file, the environment variables and the table in the docs are read out of them.
"""

from __future__ import annotations

from generic_connector.config.document import annotated_default, settings_markdown
from generic_connector.config.loading import load
from generic_connector.config.sections import Settings

__all__ = ["Settings", "annotated_default", "load", "settings_markdown"]
