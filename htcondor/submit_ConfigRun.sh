# Trains on a GPU, in the folder where it is called:
#   mkdir -p logs; condor_submit submit_ConfigRun.sh -append ARGS="-c path/to/config.yaml"
# ARGS are the arguments of `stationhit train`, or of another one with such a configuration if its name is the first word. An argument with spaces stands in
# single quotes: -append ARGS="-c 'my run.yaml'". docs/batch.md explains everything.
# Workers of a search on a GPU each: -append ARGS="tune -c run.yaml -s space.yaml --trials 100" -append WORKERS=4
# Several GPUs for one training: -append GPUS=2 -append CPUS=8; each has a rank of the training with its part of the CPUs.
HERE    = $Fp(SUBMIT_FILE)
GPUS    = 1
CPUS    = 4
THREADS = $(CPUS) / $(GPUS)
WORKERS = 1
include : $(HERE)common.sub

arguments      = "$(ARGS) --set devices=$(GPUS) --threads $INT(THREADS)"
request_gpus   = $(GPUS)
request_memory = 8 GB
# The GPU; for an H100 write H100.
GPU            = A100
requirements   = regexp("$(GPU)", TARGET.GPUs_DeviceName) && !regexp("MIG", TARGET.GPUs_DeviceName)
# Seconds: a week, the longest there is. A job that reaches it is removed; the same command continues its training.
+MaxRuntime    = 604800

queue $(WORKERS)
