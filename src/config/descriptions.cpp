#include "descriptions.hpp"

namespace stationhit::config {
namespace {

Field section(std::string key, std::string doc, std::vector<Field> children) {
  return {std::move(key), std::move(doc), std::monostate{}, {}, std::move(children)};
}

template <class T>
Field field(std::string key, T& member, std::string doc, Rule rule = {}) {
  return {std::move(key), std::move(doc), &member, std::move(rule), {}};
}

Field threads_field(unsigned& threads) {
  return field("threads", threads, "Threads, 0 = all cores; results do not depend on it",
               core::between(0, 1024));
}

Field describe_graph(graph::GraphConfig& c) {
  return section(
      "graph", "How the graph of an event is built",
      {
          field("grouping", c.grouping,
                "Groups of hits in which edges are drawn: buckets, sectors (all stations, both "
                "sides) or the whole event",
                graph::rules::grouping),
          field("buckets", c.buckets,
                "Buckets of the file, built by the bucket rule, or auto = the file's own where it "
                "has them",
                graph::rules::buckets),
          field("edges", c.edges,
                "Which hits of the group are neighbors: the k nearest, the k nearest within the "
                "radius, or all",
                graph::rules::edges),
          field("k", c.k, "Most neighbors per hit; not for fully_connected", graph::rules::k),
          field("radius", c.radius, "Largest distance of a neighbor, cm; only for edges: radius",
                graph::rules::radius),
          field("metric", c.metric,
                "Coordinates of the distance (mm), for example [localY, localZ]"),
      });
}

Field describe_optimizer(training::OptimizerConfig& c) {
  return section(
      "optimizer", "Optimiser",
      {
          field("name", c.name, "Optimiser", training::rules::optimizer),
          field("learning_rate", c.learning_rate,
                "Learning rate: at the start, or the largest of one_cycle and cosine",
                training::rules::learning_rate),
          field("weight_decay", c.weight_decay, "Weight decay", training::rules::weight_decay),
          field("gradient_clip", c.gradient_clip,
                "Largest L2 norm of all gradients together, 0 = no clipping",
                training::rules::gradient_clip),
      });
}

Field describe_scheduler(training::SchedulerConfig& c) {
  return section(
      "scheduler", "Learning-rate schedule",
      {
          field("name", c.name, "Schedule", training::rules::scheduler),
          field("factor", c.factor,
                "reduce_lr_on_plateau: the learning rate is multiplied by this ...",
                training::rules::factor),
          field("patience", c.patience, "... after so many epochs without improvement",
                training::rules::scheduler_patience),
          field("min_learning_rate", c.min_learning_rate,
                "reduce_lr_on_plateau and cosine stop at this learning rate",
                training::rules::min_learning_rate),
          field(
              "warmup", c.warmup,
              "one_cycle and cosine: share of the optimizer steps in which the learning rate rises",
              training::rules::warmup),
      });
}

Field describe_early_stopping(training::EarlyStoppingConfig& c) {
  return section(
      "early_stopping", "End of the training before its last epoch",
      {
          field("enabled", c.enabled, "Stop when the monitored number no longer improves"),
          field("patience", c.patience, "Epochs without improvement until then",
                training::rules::stopping_patience),
          field("min_delta", c.min_delta, "A change below this is no improvement",
                training::rules::min_delta),
      });
}

Field describe_loss(training::LossConfig& c) {
  return section(
      "loss", "Loss per node of the graph",
      {
          field("name", c.name, "Binary cross entropy with logits, or focal loss",
                training::rules::loss),
          field("pos_weight", c.pos_weight,
                "bce: weight of signal nodes, a number > 0 or auto = background nodes / signal "
                "nodes of the training split"),
          field("alpha", c.alpha, "focal: weight of signal nodes, that of the others is 1 - alpha",
                training::rules::focal_alpha),
          field("gamma", c.gamma, "focal: how much well classified nodes are weighed down",
                training::rules::focal_gamma),
      });
}

Field describe_training(training::TrainingConfig& c) {
  return section(
      "training", "Training loop",
      {
          field("epochs", c.epochs, "Passes over the training split", training::rules::epochs),
          field("batch_size", c.batch_size, "Events per optimizer step",
                training::rules::batch_size),
          field("monitor", c.monitor,
                "Number that early stopping, schedule and the best checkpoint follow",
                training::rules::monitor),
          describe_optimizer(c.optimizer),
          describe_scheduler(c.scheduler),
          describe_early_stopping(c.early_stopping),
          describe_loss(c.loss),
          field("background_share", c.background_share,
                "Share of the buckets without signal that an epoch trains on, drawn anew every "
                "epoch and weighted by 1/share; 1 = all of them",
                training::rules::background_share),
          field("prefetch_batches", c.prefetch_batches,
                "Batches prepared ahead of the training step", training::rules::prefetch_batches),
          field("resume", c.resume,
                "Continue from checkpoints/last where the run directory has one with the same "
                "config"),
      });
}

Field describe_prune(training::PruneConfig& c) {
  return section(
      "prune", "Smaller networks out of a trained one (verb prune)",
      {
          field("steps", c.steps, "Networks to make, each out of the one before",
                training::rules::prune_steps),
          field("keep", c.keep, "Share that a step keeps of each of the parts",
                training::rules::prune_keep),
          field("parts", c.parts,
                "What is taken away: channels (hidden features, equally many of every attention "
                "head and band), heads (whole attention heads "
                "with their channels), scales (of the encoding)",
                training::rules::prune_part),
          field("events", c.events,
                "Training events on which the importance of the units is measured",
                training::rules::prune_events),
          field("epochs", c.epochs, "Epochs of training after each step", training::rules::epochs),
          field("learning_rate", c.learning_rate,
                "Learning rate of these epochs, in the place of that of the optimizer",
                training::rules::learning_rate),
      });
}

Field describe_quantization(quantization::QuantizationConfig& c) {
  return section(
      "quantization", "The int8 model of export -q",
      {
          field("method", c.method,
                "static: scales of the activations from calibration events; dynamic: from the "
                "tensor at hand, so that a score depends on what else "
                "is in "
                "the call",
                quantization::rules::method),
          field("calibration", c.calibration,
                "static: range of an activation from its smallest to its largest value, or without "
                "its tails",
                quantization::rules::calibration),
          field("percentile", c.percentile, "percentile: share of the values inside the range, %",
                quantization::rules::percentile),
          field("calibration_events", c.calibration_events,
                "static: events of train_path for the ranges", quantization::rules::events),
          field("validation_events", c.validation_events,
                "Events of val_path on which the loss of purity is measured (the first 100 of them "
                "for each matrix product alone)",
                quantization::rules::events),
          field("target_cpu", c.target_cpu,
                "Where the model will run: any = 15 bits for activation and weight together, which "
                "no x86 processor saturates on; vnni = 8 and 8, "
                "for processors with VNNI "
                "instructions only",
                quantization::rules::target_cpu),
          field("tolerance", c.tolerance,
                "Largest relative loss of purity (mean over hit efficiencies 0.985 to 0.995); the "
                "worst products stay float32 until the rest is "
                "within it",
                quantization::rules::tolerance),
          field("keep_float", c.keep_float,
                "Matrix products (names of their weights) that stay float32 in any case"),
      });
}

Field describe_selection(data::SelectionConfig& c) {
  return section(
      "selection",
      "Cuts on truth muons; a muon that fails one is removed and its hits become background",
      {
          field("min_pt", c.min_pt, "Smallest transverse momentum (GeV)", data::rules::min_pt),
          field("max_abs_eta", c.max_abs_eta, "Largest |eta|", data::rules::max_abs_eta),
          field("min_hits", c.min_hits, "Fewest true hits per muon"),
          field("drop_events_without_muon", c.drop_events_without_muon,
                "Drop events in which no muon passes"),
      });
}

Field describe_split(data::SplitConfig& c) {
  return section(
      "split", "Division into training, validation and test; the test split gets what is left",
      {
          field("by", c.by,
                "Whole files, single events, or auto = files when every process has at least 20",
                data::rules::split_by),
          field("train", c.train, "Share of the training split", data::rules::train_fraction),
          field("validation", c.validation, "Share of the validation split",
                data::rules::validation_fraction),
          field("seed", c.seed, "Seed of the shuffling"),
          field("balance", c.balance,
                "The same number of files per process (split by file only), or all files",
                data::rules::split_balance),
      });
}

}  // namespace

Field describe(simulation::SimulationConfig& c) {
  return section(
      "", "Toy simulation (verb simulate)",
      {
          field("output", c.output,
                "ROOT file to write; with several files the process, pile-up and event range are "
                "put into the names"),
          field("events", c.events, "Number of events"),
          field("events_per_file", c.events_per_file,
                "Start a new file after so many events; 0 = one file"),
          field("first_event", c.first_event,
                "Number of the first event; event n is the same whatever range it is made in"),
          field("seed", c.seed, "Seed of the random numbers"),
          field("mu", c.mu,
                "Mean number of pile-up interactions per bunch crossing; background scales with it",
                simulation::rules::mu),
          field("source", c.source,
                "Truth muons: of the toy generator, or event n is event n of hepmc_file",
                simulation::rules::source),
          field("hepmc_file", c.hepmc_file,
                "HepMC ascii file (version 3 or 2), plain or gzip; only with source: hepmc"),
          field("process", c.process,
                "Hard process of the toy generator; mix = equal shares of all",
                simulation::rules::process),
          threads_field(c.threads),
      });
}

Field describe(data::PrepareConfig& c) {
  return section("", "Preparation (verb prepare)",
                 {
                     field("input", c.input, "ROOT files, folders or glob patterns"),
                     field("output", c.output,
                           "Folder for manifest.json and the splits train, val, test, train_small, "
                           "val_small, test_small",
                           or_null()),
                     field("tree", c.tree, "Name of the TTree"),
                     describe_selection(c.selection),
                     describe_split(c.split),
                     field("events_per_shard", c.events_per_shard, "Events per prepared file",
                           data::rules::events_per_shard),
                     field("small_events", c.small_events, "Events in each of the debug samples"),
                     field("skip_bad", c.skip_bad,
                           "Skip (and count) events with NaN or Inf instead of stopping"),
                     threads_field(c.threads),
                     field("memory_limit", c.memory_limit,
                           "MiB; as many threads work as fit into it, at least one",
                           data::rules::memory_limit),
                 });
}

Field describe(RunConfig& c) {
  return section(
      "",
      "Run: data, features, graph, network and training (verbs stats, train, test, export, bench)",
      {
          field("experiment_dir", c.experiment_dir, "Run directory"),
          field("train_path", c.train_path, "Folder of the prepared or materialized training split",
                or_null()),
          field("val_path", c.val_path, "Folder of the prepared or materialized validation split",
                or_null()),
          field("test_path", c.test_path, "Folder of the prepared or materialized test split",
                or_null()),
          field("normalization_stats", c.normalization_stats,
                "Statistics file of the verb stats; null = no normalization in the network",
                or_null()),
          field("checkpoint_path", c.checkpoint_path,
                "Checkpoint for test and export; null = the best one of experiment_dir", or_null()),
          field("sample_label", c.sample_label,
                "Words above every figure where the prepared files do not say what they are (those "
                "of simulate do)",
                or_null()),
          field("devices", c.devices, "Where to train: cpu (1 and auto mean the same)",
                core::one_of({"cpu", "auto", "1"})),
          field("use_comet", c.use_comet, "Comet logging, not available: must be false"),
          field("seed", c.seed, "Seed of weights and shuffling"),
          threads_field(c.threads),
          field("features", c.features, "Input features by name"),
          describe_graph(c.graph),
          section("model", "Architecture of the network", fields_of(c.model)),
          describe_training(c.training),
          describe_prune(c.prune),
          describe_quantization(c.quantization),
      });
}

Field describe(features::FeatureStatistics& c) {
  return section("", "Statistics of one feature",
                 {
                     field("name", c.name, "Feature"),
                     field("count", c.count, "Number of values"),
                     field("mean", c.mean, "Mean"),
                     field("std", c.std, "Population standard deviation", core::at_least(0)),
                     field("min", c.min, "Smallest value"),
                     field("max", c.max, "Largest value"),
                     field("median", c.median, "Median"),
                     field("iqr", c.iqr, "Interquartile range", core::at_least(0)),
                     field("quantile_error", c.quantile_error,
                           "Bound on the error of the quantiles", core::at_least(0)),
                 });
}

}  // namespace stationhit::config
