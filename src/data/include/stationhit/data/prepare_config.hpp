// Settings of the preparation (subcommand prepare): selection on truth muons, splits, shards.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::data {

// Cuts on truth muons. A muon failing any cut is removed and its hits become background.
struct SelectionConfig {
  double min_pt = 5.0;         // GeV, pT >= min_pt
  double max_abs_eta = 2.7;    // |eta| <= max_abs_eta
  std::uint32_t min_hits = 3;  // signal hits per muon
  bool drop_events_without_muon = true;

  static void describe(auto& self, auto&& setting) {
    setting("min_pt", self.min_pt, "Smallest transverse momentum (GeV)", core::at_least(0));
    setting("max_abs_eta", self.max_abs_eta, "Largest |eta|", core::above(0));
    setting("min_hits", self.min_hits, "Fewest signal hits per muon");
    setting("drop_events_without_muon", self.drop_events_without_muon,
            "Drop events in which no muon passes");
  }
};

// What goes to a split as a whole. `automatic` is `file` where every process has at least 20 files,
// else `event`.
enum class SplitUnit { file, event, automatic };
constexpr auto names_of(SplitUnit) {
  return std::to_array<std::string_view>({"file", "event", "auto"});
}

// Which input files are used. `equal_files`: every process gives as many files as the smallest one
// has (only where the split is by file); `none`: all files.
enum class Balance { equal_files, none };
constexpr auto names_of(Balance) {
  return std::to_array<std::string_view>({"equal_files", "none"});
}

struct SplitConfig {
  SplitUnit by = SplitUnit::automatic;
  double train = 0.90;  // fractions; the test split gets the rest
  double validation = 0.05;
  std::uint64_t seed = 42;
  Balance balance = Balance::equal_files;

  static void describe(auto& self, auto&& setting) {
    setting("by", self.by,
            "Whole files, single events, or auto = files when every process has at least 20");
    setting("train", self.train, "Share of the training split", core::above_to(0, 1));
    setting("validation", self.validation, "Share of the validation split", core::between(0, 1));
    setting("seed", self.seed, "Seed of the shuffling");
    setting("balance", self.balance,
            "The same number of files per process (split by file only), or all files");
  }
};

struct PrepareConfig {
  std::vector<std::string> input;  // ROOT files, folders or glob patterns
  std::string output;  // folder for manifest.json and the splits train, val, test, train_small,
                       // val_small, test_small
  std::string tree = "MuonHitDump";
  SelectionConfig selection;
  SplitConfig split;
  std::uint32_t events_per_shard = 500;
  std::uint32_t small_events = 20;    // events in each of the debug samples
  bool skip_bad = false;              // skip (and count) events with NaN or Inf instead of stopping
  bool allow_unfinished = false;      // read what files show whose writer died
  unsigned threads = 0;               // 0 = all cores
  std::uint32_t memory_limit = 2048;  // MiB; as many threads work as fit into it, at least one

  static void describe(auto& self, auto&& setting) {
    setting("input", self.input, "ROOT files, folders or glob patterns", core::path_text());
    setting("output", self.output,
            "Folder for manifest.json and the splits train, val, test, train_small, val_small, "
            "test_small",
            core::path_or_null());
    setting("tree", self.tree, "Name of the TTree");
    setting("selection", self.selection,
            "Cuts on truth muons; a muon that fails one is removed and its hits become background");
    setting("split", self.split,
            "Division into training, validation and test; the test split gets what is left");
    setting("events_per_shard", self.events_per_shard, "Events per prepared file",
            core::at_least(1));
    setting("small_events", self.small_events, "Events in each of the debug samples");
    setting("skip_bad", self.skip_bad,
            "Skip (and count) events with NaN or Inf instead of stopping");
    setting("allow_unfinished", self.allow_unfinished,
            "Read the events that files show whose writer died before it closed them, instead of "
            "stopping");
    core::describe_threads(self.threads, setting);
    setting("memory_limit", self.memory_limit,
            "MiB; as many threads work as fit into it, at least one", core::at_least(1));
  }
};

}  // namespace stationhit::data
