"""Build the optional native parts: each has a pure Python twin, so a failed build is no fault."""

from pathlib import Path

from setuptools import Extension, setup

SOURCES = {
    "switch.sip._scan": "switch/sip/_scan.pyx",
    "switch.transport._batch": "switch/transport/_batch.pyx",
    "media._relay": "media/_relay.pyx",
}

setup(
    ext_modules=[
        Extension(name, [source], optional=True, extra_compile_args=["-O2"])
        for name, source in SOURCES.items()
        if Path(source).exists()
    ]
)
