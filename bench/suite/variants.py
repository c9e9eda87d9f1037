"""
Runs Secant with several sets of options on the problem suite and prints a table in Markdown: what each is worth.

    variants.py --build DIRECTORY [--list] SET...

SET is name=value,name=value,...; "default" is the preset as it is. Each set is compared with the first.
"""

import argparse
import subprocess
import sys

import scores
import solvers


def _parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build directory with SECANT_BUILD_BENCH")
    parser.add_argument("--list", action="store_true", help="name the problems lost and won")
    parser.add_argument("sets", nargs="+", metavar="SET")
    return parser.parse_args()


def _options(text):
    pairs = [] if text == "default" else text.split(",")
    return [word for pair in pairs for word in ("--option", pair)]


def _compare(one, first, names):
    done, before = scores.solved(one, names), scores.solved(first, names)
    lost, won = [n for n in before if n not in done], [n for n in done if n not in before]
    return len(done), scores.ratio(one, first, names)[0], lost, won


def main():
    given = _parse()
    programs, first, notes = solvers.programs_of(given.build), None, []
    print("| options | solved | % | evaluations against the first | lost | won |\n|---|---|---|---|---|---|")
    for text in given.sets:
        try:
            one = solvers.run(solvers.SECANT, programs, _options(text))
        except subprocess.CalledProcessError as error:
            sys.exit(f"{text}: {error.stderr.strip()}")
        first = first or one
        names = scores.bounded(first)
        count, mean, lost, won = _compare(one, first, names)
        share = 100.0 * count / len(names)
        print(f"| {text} | {count} | {share:.1f} | {mean:.3f} | {len(lost)} | {len(won)} |", flush=True)
        notes.append(f"{text}: lost {', '.join(lost) or 'none'}; won {', '.join(won) or 'none'}")
    if given.list:
        print("\n" + "\n\n".join(notes))


if __name__ == "__main__":
    main()
