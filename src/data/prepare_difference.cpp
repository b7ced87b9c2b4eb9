// Settings are compared as flattened JSON, so that a new one needs no line here. Input files are
// compared by name and checksum.
#include "prepare_difference.hpp"

#include <algorithm>

#include <stationhit/core/text.hpp>

#include "manifest_json.hpp"

namespace stationhit::data {
namespace {

using nlohmann::json;

constexpr std::size_t most_named = 3;

json list_settings(const Provenance& provenance) {
  json settings = provenance;
  // Neither decides about the content.
  for (const char* key : {"fingerprint", "program_version", "skip_bad"}) settings.erase(key);
  return settings.flatten();
}

// "/selection/min_pt" -> "selection.min_pt"
std::string key_of(std::string pointer) {
  std::ranges::replace(pointer, '/', '.');
  return pointer.substr(1);
}

void add_settings(const SetIdentity& there, const SetIdentity& here,
                  std::vector<std::string>& differences) {
  const json now = list_settings(here.provenance);
  const json before = list_settings(there.provenance);
  for (const auto& [pointer, value] : now.items()) {
    const json old = before.value(pointer, json());
    if (old != value)
      differences.push_back(key_of(pointer) + " is " + old.dump() + " there and " + value.dump() +
                            " here");
  }
}

const InputRecord* find_file(const std::vector<InputRecord>& files, const std::string& name) {
  const auto found = std::ranges::find(files, name, &InputRecord::file);
  return found == files.end() ? nullptr : &*found;
}

void add_inputs(const SetIdentity& there, const SetIdentity& here,
                std::vector<std::string>& differences) {
  for (const InputRecord& file : here.inputs) {
    const InputRecord* old = find_file(there.inputs, file.file);
    if (old == nullptr) differences.push_back("input " + file.file + " is new");
    if (old != nullptr && old->checksum != file.checksum)
      differences.push_back("input " + file.file + " has another content");
  }
  for (const InputRecord& file : there.inputs)
    if (find_file(here.inputs, file.file) == nullptr)
      differences.push_back("input " + file.file + " is left out");
}

}  // namespace

bool has_damaged_inputs(const SetIdentity& there, const SetIdentity& here) {
  return std::ranges::any_of(here.damaged, [&](const InputRecord& damaged) {
    const InputRecord* old = find_file(there.inputs, damaged.file);
    return old != nullptr && !damaged.checksum.empty() && old->checksum == damaged.checksum;
  });
}

std::string describe_differences(const SetIdentity& there, const SetIdentity& here) {
  std::vector<std::string> differences;
  add_settings(there, here, differences);
  add_inputs(there, here, differences);
  // A set of another version of the program may differ in what is not known here.
  if (differences.empty()) return "by another version of this program";
  const std::size_t n = differences.size();
  differences.resize(std::min(n, most_named));
  std::string text;
  for (const std::string& difference : differences) text += (text.empty() ? "" : "; ") + difference;
  return text + (n > most_named ? " and " + std::to_string(n - most_named) + " more" : "");
}

}  // namespace stationhit::data
