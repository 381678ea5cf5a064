"""What the page costs, each figure beside an alternative measured in the same run.

    python -m benchmarks                  all tables, in Markdown
    python -m benchmarks descend drag     some of them

docs/speed.md says what each table means. Nothing here passes or fails on time.
"""
