"""Logs an experiment with the official client of Comet through its REST interface, as described
in a JSON file: comet_client.py FILE. test_tracking_services.py runs it in an environment that has
comet_ml, and compares its requests with ours."""

import json
import sys
from pathlib import Path

import comet_ml


def main() -> None:
    content = json.loads(Path(sys.argv[1]).read_text())
    experiment = comet_ml.APIExperiment(
        workspace="home", project_name="stationhit", experiment_name=content["name"]
    )
    for name, value in content["parameters"].items():
        experiment.log_parameter(name, value)
    for metric in content["metrics"]:
        experiment.log_metric(
            metric["metricName"], metric["metricValue"], metric["step"], metric["epoch"]
        )
    for key, value in content["others"].items():
        experiment.log_other(key, value)
    configuration = Path(content["configuration"])
    experiment.log_asset(str(configuration), name=configuration.name, ftype="asset")
    for figure in content["figures"]:
        experiment.log_image(figure["file"], image_name=figure["name"], step=figure["step"])
    experiment.set_start_time(content["start"])
    experiment.set_end_time(content["end"])
    experiment.set_state("finished")


if __name__ == "__main__":
    main()
