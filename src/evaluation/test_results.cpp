// The counterpart of metrics_json.cpp: what is read follows the table of quantities as well.
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/evaluation/test_results.hpp>

namespace stationhit::evaluation {
namespace {

using Json = nlohmann::json;

double read_number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Estimate read_estimate(const Json& json) {
  return {read_number(json.at("value")),
          {read_number(json.at("low")), read_number(json.at("high"))}};
}

// `wanted`: whether the quantity stands in this part of the file.
template <class Wanted>
Estimates read_estimates(const Json& json, const Wanted& wanted) {
  Estimates estimates;
  for (const Quantity& quantity : quantities())
    if (wanted(quantity)) estimates.add(quantity, read_estimate(json.at(quantity.key)));
  return estimates;
}

TestedPoint read_point(const Json& json) {
  return {json.at("working_point").get<double>(), json.at("threshold").get<float>(),
          read_estimates(json, [](const Quantity& one) { return one.at_threshold != nullptr; })};
}

TestResults read_results(const Json& json) {
  TestResults results{json.at("events").get<std::uint64_t>(),
                      json.at("hits").get<std::uint64_t>(),
                      json.at("true_hits").get<std::uint64_t>(),
                      json.at("muons").get<std::uint64_t>(),
                      read_estimates(json,
                                     [](const Quantity& one) {
                                       return one.of_sample != nullptr || one.before_cut != nullptr;
                                     }),
                      {}};
  for (const Json& point : json.at("working_points"))
    results.working_points.push_back(read_point(point));
  results.checkpoint = json.value("checkpoint", "");
  return results;
}

}  // namespace

TestResults read_test_results(const std::filesystem::path& metrics_json) {
  const std::string text = core::read_text_file(metrics_json), where = metrics_json.string();
  core::require_json_depth(text, where);
  return core::read_json<Json>(
      where, "damaged, or written by an earlier version: `stationhit test` writes it again",
      [&text] { return read_results(Json::parse(text)); });
}

}  // namespace stationhit::evaluation
