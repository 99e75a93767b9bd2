"""The commands that begin and end a session: Hello to refresh."""

from __future__ import annotations

from generic_connector.protocol import bodies
from generic_connector.protocol.checks import FORMAT, MODE, any_case
from generic_connector.protocol.command_rows import Argument, CommandRow, Heard, Subject
from generic_connector.protocol.row_parts import (
    OWN_EXTENSION,
    PASSWORD,
    REASON,
    SIGN_IN_ERRORS,
    SIGNED_IN,
    STATE_ERRORS,
)

_TEAMS = "A supervisor's text clients hear TeamInfoIDs and TeamInfoNames as well."

SESSION = (
    CommandRow(
        name="Hello",
        subject=Subject.DESTINATION,
        arguments=(Argument(name="format", optional=True, check=FORMAT, about="the format of the events"),),
        repeatable=True,
        body="[JSON|TEXT]",
        about="The first command of a client: says where it listens, and asks whether Finesse can be worked with.",
        finesse="SystemInfo",
        events=("System",),
    ),
    CommandRow(
        name="Beat",
        subject=Subject.DESTINATION,
        repeatable=True,
        about="Asks again at any time. After `Destination` RECONNECT, connect and sign in every agent again.",
        events=("System",),
        others=(
            Heard(who="the sender, when the destination is not known,", sender=True, events=("Destination RECONNECT",)),
        ),
    ),
    CommandRow(
        name="Connect",
        arguments=(
            Argument(name="destination", about="the topic on which the agent's events are wanted"),
            PASSWORD,
            Argument(name="sso", optional=True, about="the word `SSO`: the password is a bearer token"),
        ),
        split=bodies.connect,
        repeatable=True,
        body="<destination>,<password>[,SSO]",
        body_pattern=rf"\s*[^,\s][^,]*,(?!\s*,\s*{any_case(bodies.SSO)}\s*$)\s*\S[\s\S]*",
        about="Opens the agent's notification session. Success is silent; send Login at once.",
        finesse="notification session (XMPP)",
        errors=("SUBSCRIPTION_FAILED", "UNABLE_TO_SUBSCRIBE_TO_FINESSE", "MISSING_PASSWORD"),
    ),
    CommandRow(
        name="Login",
        arguments=(PASSWORD, OWN_EXTENSION),
        split=bodies.at_last_comma,
        repeatable=True,
        body="<password>,<extension>",
        about=f"Signs the agent in. {_TEAMS}",
        finesse="PUT User LOGIN; GET User; GET Dialogs",
        events=SIGNED_IN,
        errors=SIGN_IN_ERRORS,
    ),
    CommandRow(
        name="MobileAgentLogin",
        arguments=(
            PASSWORD,
            OWN_EXTENSION,
            Argument(name="dial_number", missing="MISSING_NUMBER", about="the telephone at which the agent is called"),
            Argument(name="mode", check=MODE, about="`true`: call by call; `false`: nailed connection"),
        ),
        split=bodies.at_last_three_commas,
        repeatable=True,
        body="<password>,<extension>,<dialNumber>,<mode>",
        about=f"Signs in an agent who works at any telephone (UCCE). {_TEAMS}",
        finesse="PUT User LOGIN with mobileAgent; GET User; GET Dialogs",
        events=SIGNED_IN,
        uccx=False,
        errors=(*SIGN_IN_ERRORS, "MISSING_NUMBER"),
    ),
    CommandRow(
        name="Logout",
        repeatable=True,
        about="Signs the agent out; a supervisor may sign out a member.",
        finesse="PUT User LOGOUT",
        events=("State LOGOUT",),
        errors=STATE_ERRORS,
    ),
    CommandRow(
        name="LogoutWithReason",
        arguments=(REASON,),
        repeatable=True,
        body="<reason>",
        about="Signs the agent out with a reason code.",
        finesse="PUT User LOGOUT with reasonCodeId",
        events=("State LOGOUT",),
        errors=(*STATE_ERRORS, "MISSING_REASON_CODE"),
    ),
    CommandRow(
        name="force_logout",
        repeatable=True,
        about="Signs the agent out whatever the state, and closes the agent's session here.",
        finesse="PUT User NOT_READY if needed; PUT User LOGOUT",
        events=("State LOGOUT",),
        errors=STATE_ERRORS,
    ),
    CommandRow(
        name="refresh",
        repeatable=True,
        about="Tells everything about the agent again, read from Finesse.",
        finesse="GET User; GET Dialogs",
        events=SIGNED_IN,
    ),
)
