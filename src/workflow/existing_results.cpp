#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/existing_results.hpp>

namespace stationhit::workflow {

core::SettingDifference make_content_difference(const std::string& key, const std::string& before,
                                                const std::string& now, const std::string& what) {
  const auto text = [](const std::string& path) { return path.empty() ? "null" : path; };
  return {key, text(before), text(now) + ", which " + what};
}

std::string describe_changes(const std::vector<core::SettingDifference>& differences) {
  std::string text;
  for (const auto& [key, before, now] : differences)
    text += (text.empty() ? "" : "; ") + key + ": " + before + ", now " + now;
  return text;
}

void require_no_difference(const std::string& made,
                           const std::vector<core::SettingDifference>& differences,
                           const std::string& advice) {
  std::string text;
  for (const auto& [key, existing, wanted] : differences) {
    text += text.empty() ? " with " : ", and with ";
    text += key + ": " + existing + ", the configuration has " + wanted;
  }
  if (!text.empty()) throw core::ConfigError(made + text + "; " + advice);
}

}  // namespace stationhit::workflow
