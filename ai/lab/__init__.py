"""The lab: makes maps by many methods, asks every metric about them, and writes a results folder. Metrics are in `ai/quality`."""
