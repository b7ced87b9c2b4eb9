// Settings of the preparation (verb prepare): selection on truth muons, splits, shards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/setting_rule.hpp>

namespace stationhit::data {

// Cuts on truth muons. A muon failing any cut is removed and its hits become background.
struct SelectionConfig {
  double min_pt = 5.0;         // GeV, pT >= min_pt
  double max_abs_eta = 2.7;    // |eta| <= max_abs_eta
  std::uint32_t min_hits = 3;  // true hits per muon
  bool drop_events_without_muon = true;
};

struct SplitConfig {
  std::string by = "auto";  // file | event | auto (by file when every process has at least 20
                            // files, else by event)
  double train = 0.90;      // fractions; the test split gets the rest
  double validation = 0.05;
  std::uint64_t seed = 42;
  std::string balance = "equal_files";  // equal_files: the same number of files per process (split
                                        // by file only) | none
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
  unsigned threads = 0;               // 0 = all cores
  std::uint32_t memory_limit = 2048;  // MiB; as many threads work as fit into it, at least one
};

namespace rules {
inline const core::SettingRule min_pt = core::at_least(0);
inline const core::SettingRule max_abs_eta = core::above(0);
inline const core::SettingRule split_by = core::one_of({"file", "event", "auto"});
inline const core::SettingRule train_fraction = core::above_to(0, 1);
inline const core::SettingRule validation_fraction = core::between(0, 1);
inline const core::SettingRule split_balance = core::one_of({"equal_files", "none"});
inline const core::SettingRule events_per_shard = core::at_least(1);
inline const core::SettingRule memory_limit = core::at_least(1);
}  // namespace rules

}  // namespace stationhit::data
