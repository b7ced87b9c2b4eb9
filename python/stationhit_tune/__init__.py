"""The search of `stationhit tune`: Optuna chooses settings, the program trains with them.

The program checks the space and gives a plan (plan.py) on the standard input. The driver
(driver.py) opens the study (study.py) in its storage (storage.py), starts workers (worker.py) and
writes the results (results.py, figures.py). A worker takes trials (objective.py) one after the
other and runs each as `stationhit train` (processes.py).
"""
