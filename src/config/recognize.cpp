#include <algorithm>
#include <array>
#include <utility>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/files.hpp>

#include "file_kind.hpp"
#include "reader.hpp"

namespace stationhit::config {
namespace {

// Number of keys of the document that config C has.
template <class C>
std::size_t count_known_keys(const YAML::Node& document) {
  const std::vector<std::string> keys = core::keys_of<C>();
  std::size_t n = 0;
  for (const auto& item : document)
    n += item.first.IsScalar() &&
                 std::find(keys.begin(), keys.end(), item.first.Scalar()) != keys.end()
             ? 1
             : 0;
  return n;
}

using KeyCount = std::pair<std::size_t, FileKind>;

std::array<KeyCount, 3> known_keys_by_kind(const YAML::Node& document) {
  return {{{count_known_keys<RunConfig>(document), FileKind::run},
           {count_known_keys<data::PrepareConfig>(document), FileKind::preparation},
           {count_known_keys<simulation::SimulationConfig>(document), FileKind::simulation}}};
}

bool is_statistics(const YAML::Node& document) {
  const YAML::Node features = document["features"];
  return document["events"] && features && features.IsSequence() && features.size() > 0 &&
         features[0].IsMap();
}

// "a run configuration (verbs stats, train, ...)"
std::string describe(FileKind kind) {
  switch (kind) {
    case FileKind::simulation:
      return "a configuration of the verb simulate";
    case FileKind::preparation:
      return "a configuration of the verb prepare";
    case FileKind::run:
      return "a run configuration (verbs stats, train, test, export, bench, prune, study)";
    case FileKind::statistics:
      return "a statistics file, which the key normalization_stats of a run names";
    case FileKind::unknown:
      break;
  }
  return "of an unknown kind";
}

}  // namespace

std::string read_config_file(const std::filesystem::path& path) {
  std::string text;
  try {
    text = core::read_text_file(path);
  } catch (const core::DataError& error) {
    throw core::ConfigError(std::string(error.what()) + "; expected a YAML configuration");
  }
  // No text has these, and a text may begin like one of the files.
  const bool is_binary = text.find('\0') != std::string::npos;
  for (const core::FileKind kind : {core::FileKind::root, core::FileKind::hdf5,
                                    core::FileKind::onnx, core::FileKind::safetensors})
    if (is_binary && core::is_of_kind(path, kind))
      throw core::ConfigError(path.string() + ": is a file of another kind (" +
                              std::string(core::name(kind)) + "); expected a YAML configuration");
  return text;
}

FileKind kind_of(const YAML::Node& document) {
  if (!document.IsMap()) return FileKind::unknown;
  if (is_statistics(document)) return FileKind::statistics;
  std::pair<std::size_t, FileKind> best{0, FileKind::unknown};
  for (const auto& candidate : known_keys_by_kind(document)) {
    if (candidate.first > best.first) best = candidate;
  }
  return best.second;
}

void require_kind(const YAML::Node& document, FileKind wanted, const std::string& where) {
  const FileKind found = kind_of(document);
  if (found == wanted || found == FileKind::unknown) return;
  const auto candidates = known_keys_by_kind(document);
  const auto n_wanted = std::ranges::find(candidates, wanted, &KeyCount::second)->first;
  // A single key of another kind is a mistyped or misplaced one and gets its own message.
  const bool better = found == FileKind::statistics ||
                      std::ranges::find(candidates, found, &KeyCount::second)->first > n_wanted + 1;
  if (!better) return;
  throw core::ConfigError(where + ": is " + describe(found) + ", not " + describe(wanted) +
                          "; give another file with -c");
}

FileKind recognize(const std::filesystem::path& path) {
  return kind_of(parse_document(core::read_text_file(path), path.string()));
}

}  // namespace stationhit::config
