"""Ten thousand simulated calls under loss, duplication and reordering, run directly.

    python -m tests.scenario.ten_thousand --calls 10000 --seed 1
    python -m tests.scenario.ten_thousand --seed 1 --only 4711 --ladder

The first line plays a whole storm and prints the number of each batch that breaks a rule; the
second replays one batch, and prints everything that passed.
"""

import sys
from argparse import ArgumentParser
from collections import Counter

from tests.support.ladder import ladder
from tests.support.storm import CALLS_A_BATCH, batches, play
from tests.support.switch import PHONES, TRUNKS


def main() -> int:
    """Play a storm; return 1 when a rule was broken."""
    parser = ArgumentParser(description="simulated calls over a bad network")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="replay this batch alone")
    parser.add_argument("--ladder", action="store_true", help="print everything that passed")
    options = parser.parse_args()
    chosen = batches(options.calls) if options.only is None else [(options.only, CALLS_A_BATCH)]
    broken, calls, messages, finals = [], 0, 0, Counter[int]()
    for number, count in chosen:
        batch = play(options.seed, number, count, records=options.ladder)
        report = batch.report
        calls, messages = calls + report.calls, messages + report.messages
        finals.update(report.finals)
        if options.ladder:
            hosts = [*PHONES, "switch", *TRUNKS]
            sys.stdout.write(ladder(batch.world.network.passages, hosts))
        if report.faults:
            broken.append(number)
            sys.stdout.write(f"batch {number} (replay: --seed {options.seed} --only {number})\n")
            sys.stdout.writelines(f"  {fault}\n" for fault in report.faults)
    sys.stdout.write(
        f"{calls} calls, {messages} messages, final responses {dict(sorted(finals.items()))}, "
        f"{len(broken)} broken batches\n"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
