"""Prepares packs ahead of time: specimens, teammates, explanations. Never imported by the server.

`ai`, `ai.cli`, `ai.pack`, `ai.check`, `ai.show` and `ai.importer` import no torch; everything that computes does, when asked.
"""
