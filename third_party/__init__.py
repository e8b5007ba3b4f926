"""Bridges to other people's artefacts; see README.md in this folder."""
