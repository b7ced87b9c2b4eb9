"""Started by `stationhit tune` with its plan as standard input, and by the driver as a worker."""

import sys
from pathlib import Path

# The folder of the package takes the place of the package itself, which Python puts there.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

PACKAGES = "'optuna>=5,<6' cmaes 'matplotlib>=3.8' psycopg2-binary"


def main() -> int:
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        print(
            f"error: {sys.executable} cannot import Optuna ({error}); install it with\n"
            f"    {sys.executable} -m pip install {PACKAGES}\n"
            "or give another Python with --python or the environment variable STATIONHIT_PYTHON",
            file=sys.stderr,
        )
        return 4
    from stationhit_tune.driver import run_driver
    from stationhit_tune.worker import run_worker

    return run_worker() if sys.argv[1:2] == ["worker"] else run_driver()


if __name__ == "__main__":
    sys.exit(main())
