"""Puts into one folder `cellwright` of the wheel what lies at the top here (CONTRIBUTING.md, Packaging)."""

from setuptools import find_packages, setup

ROOMS = find_packages(include=["app", "app.*", "engine", "engine.*", "resources"])

setup(
    packages=["cellwright", *(f"cellwright.{room}" for room in ROOMS)],  # `cellwright` itself holds main.py
    package_dir={"cellwright": "."},
    script_name="setup.py",  # how setuptools knows that this file is not one of the package's
)
