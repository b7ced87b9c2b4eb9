#include <algorithm>
#include <utility>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>

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

bool is_statistics(const YAML::Node& document) {
  const YAML::Node features = document["features"];
  return document["events"] && features && features.IsSequence() && features.size() > 0 &&
         features[0].IsMap();
}

}  // namespace

FileKind recognize(const std::filesystem::path& path) {
  const YAML::Node document = parse_document(core::read_text_file(path), path.string());
  if (!document.IsMap()) return FileKind::unknown;
  if (is_statistics(document)) return FileKind::statistics;
  std::pair<std::size_t, FileKind> best{0, FileKind::unknown};
  for (const auto& candidate :
       {std::pair{count_known_keys<RunConfig>(document), FileKind::run},
        std::pair{count_known_keys<data::PrepareConfig>(document), FileKind::preparation},
        std::pair{count_known_keys<simulation::SimulationConfig>(document),
                  FileKind::simulation}}) {
    if (candidate.first > best.first) best = candidate;
  }
  return best.second;
}

}  // namespace stationhit::config
