"""The themes of dicomtui: pictures want a dark, neutral surround.

The colours are of xterm's 256, so that they are the same where a terminal has no more.
"""

from textual.theme import Theme

THEMES = (
    Theme(
        name="dicomtui-dark",
        primary="#5fafd7",
        secondary="#5f87af",
        accent="#ffaf5f",
        warning="#ffaf5f",
        error="#ff5f5f",
        success="#87d787",
        foreground="#d0d0d0",
        background="#121212",
        surface="#1c1c1c",
        panel="#262626",
        dark=True,
        variables={
            "border": "#444444",
            "border-blurred": "#444444",
            "line-cursor": "#005f87",
            "line-cursor-idle": "#303030",
        },
    ),
    Theme(
        name="dicomtui-black",
        primary="#5fafd7",
        secondary="#5f87af",
        accent="#d7875f",
        warning="#d7875f",
        error="#d75f5f",
        success="#87af87",
        foreground="#b2b2b2",
        background="#000000",
        surface="#000000",
        panel="#121212",
        dark=True,
        variables={
            "border": "#303030",
            "border-blurred": "#303030",
            "line-cursor": "#005f87",
            "line-cursor-idle": "#262626",
        },
    ),
    Theme(
        name="dicomtui-light",
        primary="#005f87",
        secondary="#5f87af",
        accent="#af5f00",
        warning="#af5f00",
        error="#af0000",
        success="#008700",
        foreground="#1c1c1c",
        background="#eeeeee",
        surface="#e4e4e4",
        panel="#d0d0d0",
        dark=False,
        variables={
            "border": "#a8a8a8",
            "border-blurred": "#a8a8a8",
            "line-cursor": "#afd7ff",
            "line-cursor-idle": "#d0d0d0",
        },
    ),
)
