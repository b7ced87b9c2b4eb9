// An archive holds experiment.json, messages.json (one message a line, in the order in which they
// are to be sent) and the files that messages name.
#include "comet_archive.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/output_target.hpp>

#include "json_body.hpp"
#include "zip_archive.hpp"

namespace stationhit::tracking {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// 32 hexadecimal digits.
std::string random_key() {
  std::random_device random;
  const auto half = [&] {
    return core::to_hex(std::uint64_t{random()} << 32U | std::uint64_t{random()});
  };
  return half() + half();
}

json system_details(const Machine& machine) {
  return {{"command", machine.command},
          {"env", json::object()},
          {"hostname", machine.host},
          {"ip", ""},
          {"machine", machine.architecture},
          {"os", machine.system + " " + machine.release},
          {"os_release", machine.release},
          {"os_type", machine.system},
          {"pid", machine.process},
          {"processor", machine.processor},
          {"python_exe", machine.command.empty() ? "" : machine.command.front()},
          {"python_version", ""},
          {"python_version_verbose", ""},
          {"user", machine.user}};
}

class CometArchive final : public Tracker {
 public:
  CometArchive(fs::path folder, CometPlace place)
      : folder_(std::move(folder)), place_(std::move(place)) {
    const CometExperiment known = read_comet_experiment(folder_);
    is_new_ = known.key.empty();
    key_ = is_new_ ? random_key() : known.key;
  }

  void start(const RunDescription& run, const Moment& moment) override {
    begin_ = moment.milliseconds();
    add_other("Name", run.name);
    for (const auto& [name, value] : run.parameters) add_parameter(name, value, moment);
    for (const auto& texts : {run.versions, named_texts(run.machine)})
      for (const auto& [name, text] : texts) add_other(name, text);
    add("system_details", system_details(run.machine));
    add_file("asset", {"config.yaml", run.configuration},
             {{"fileName", "config.yaml"}, {"extension", "yaml"}, {"step", nullptr}}, moment);
    write(moment);
    if (is_new_) save_comet_experiment(folder_, {"", key_});
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    for (const MetricValue& metric : metrics)
      add("metric_msg", {{"local_timestamp", moment.milliseconds()},
                         {"metric",
                          {{"metricName", metric.name},
                           {"metricValue", json_number(metric.value)},
                           {"step", moment.axis_value()},
                           {"epoch", moment.epoch}}}});
    if (moment.step == 0) write(moment);
  }

  void log_figure(const fs::path& png, const Moment& moment) override {
    add_file("visualization", {png.filename().string(), core::read_text_file(png)},
             {{"figName", png.stem().string()},
              {"figCounter", files_.size()},
              {"extension", "png"},
              {"step", moment.axis_value()}},
             moment);
  }

  void finish(EndState state, const Moment& moment) override {
    add_other("end_state", std::string(name(state)));
    write(moment);
  }

 private:
  void add(const char* type, json payload) {
    payload["message_id"] = ++messages_count_;
    messages_ += json_text({{"type", type}, {"payload", std::move(payload)}}) + '\n';
  }

  void add_other(const std::string& name, const std::string& text) {
    add("log_other", {{"key", name}, {"value", text}});
  }

  void add_parameter(const std::string& name, const std::string& value, const Moment& moment) {
    add("parameter_msg",
        {{"local_timestamp", moment.milliseconds()},
         {"param",
          {{"paramName", name}, {"paramValue", value}, {"source", "manual"}, {"step", nullptr}}}});
  }

  void add_file(const char* type, ZipEntry file, json parameters, const Moment& moment) {
    parameters["context"] = nullptr;
    parameters["overwrite"] = false;
    add("file_upload", {{"file_path", file.first},
                        {"upload_type", type},
                        {"additional_params", std::move(parameters)},
                        {"clean", true},
                        {"metadata", json::object()},
                        {"local_timestamp", moment.milliseconds()}});
    files_.push_back(std::move(file));
  }

  void write(const Moment& moment) const {
    const json experiment{{"offline_id", key_},
                          {"project_name", place_.project},
                          {"workspace", place_.workspace.empty() ? json() : json(place_.workspace)},
                          {"start_time", begin_},
                          {"stop_time", moment.milliseconds()},
                          {"tags", json::array()},
                          {"resume_strategy", is_new_ ? "create" : "get_or_create"}};
    std::vector<ZipEntry> entries{{"experiment.json", json_text(experiment)},
                                  {"messages.json", messages_}};
    entries.insert(entries.end(), files_.begin(), files_.end());
    core::make_folder(folder_);
    core::write_text_file(folder_ / (key_ + "-" + std::to_string(begin_) + ".zip"),
                          zip_archive(entries));
  }

  fs::path folder_;
  CometPlace place_;
  std::string key_;
  bool is_new_ = true;
  std::int64_t begin_ = 0;  // milliseconds since 1970
  std::int64_t messages_count_ = 0;
  std::string messages_;
  std::vector<ZipEntry> files_;
};

bool is_key(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

std::unique_ptr<Tracker> make_comet_archive(fs::path folder, CometPlace place) {
  return std::make_unique<CometArchive>(std::move(folder), std::move(place));
}

CometExperiment read_comet_experiment(const fs::path& folder) {
  const fs::path file = folder / "experiment.json";
  if (!fs::exists(file)) return {};
  const json source = core::parse_json_or_discard<json>(core::read_text_file(file), file.string());
  const auto text = [&](const char* name) {
    return source.is_object() && source.contains(name) && source[name].is_string()
               ? source[name].get<std::string>()
               : std::string();
  };
  // The key becomes the name of a file.
  if (!is_key(text("key"))) return {};
  return {text("server"), text("key")};
}

void save_comet_experiment(const fs::path& folder, const CometExperiment& experiment) {
  if (!is_key(experiment.key))
    throw core::DataError(experiment.server + " gave an experiment without a key");
  core::make_folder(folder);
  core::write_text_file(
      folder / "experiment.json",
      json{{"server", experiment.server}, {"key", experiment.key}}.dump(2) + "\n");
}

}  // namespace stationhit::tracking
