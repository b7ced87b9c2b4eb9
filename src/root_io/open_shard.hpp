// Opening a shard, and what becomes of failures of ROOT with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <ROOT/RNTupleReader.hxx>

#include <stationhit/core/crash_note.hpp>

#include "root_session.hpp"

namespace stationhit::root_io {

// Throws DataError naming the shard.
[[noreturn]] void refuse_shard(const std::filesystem::path& path, const std::string& failure);

// Runs a step that uses ROOT and turns every failure into a DataError naming the shard.
template <class Work>
void guarded(const std::filesystem::path& path, Work&& work) {
  const core::CrashNote note(path.string());
  if (const std::string failure = failure_of(work); !failure.empty()) refuse_shard(path, failure);
}

// Throws DataError naming the shard: missing, not a shard, truncated, damaged.
[[nodiscard]] std::unique_ptr<ROOT::RNTupleReader> open_shard(const std::filesystem::path& path);

}  // namespace stationhit::root_io
