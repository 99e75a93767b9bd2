"""The one TLS context that all connections to Finesse share.

One for all, because a context costs about 40 ms and 0.9 MB, and there are thousands of sessions
(xmpp-and-http.md sections 2.2 and 2.4).
"""

from __future__ import annotations

import ssl

import structlog

from generic_connector.errors import UserError
from generic_connector.finesse.settings import FinesseSettings

log = structlog.get_logger()

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def make_tls_context(settings: FinesseSettings) -> ssl.SSLContext:
    """Make the context: certificates verified, TLS not older than the settings say, RFC 5280 kept to the letter.

    Raises UserError when the file of trusted certificates cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise UserError(f"the CA file {settings.tls_ca_file} cannot be used: {error}") from error
    context.minimum_version = _VERSIONS[settings.tls_minimum_version]
    if not settings.tls_strict:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not settings.tls_verify:
        log.warning("certificates are not verified", setting="finesse.tls.verify")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
