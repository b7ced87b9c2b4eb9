// Both trackers make the same bodies: one sends them, the other writes them down, one request a
// line, for tools/send_to_mlflow.py. The lines lack the number of the run, which may not exist yet.
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/tracking/mlflow.hpp>

#include "background_tracker.hpp"
#include "json_body.hpp"
#include "sender.hpp"
#include "server_address.hpp"

namespace stationhit::tracking {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* api = "/api/2.0/mlflow/";
// What artifact_uri begins with where the server takes files over HTTP.
constexpr std::string_view served_artifacts = "mlflow-artifacts:/";

struct Server {
  std::string address, experiment;
  Credentials credentials;
};

Server server_of_environment() {
  Server server;
  const std::string address = environment_text("MLFLOW_TRACKING_URI");
  if (address.empty())
    throw core::ConfigError(
        "MLFLOW_TRACKING_URI is not set; set it to the address of an MLflow server, for example "
        "http://127.0.0.1:5000");
  server.address = checked_server_address(address, "MLFLOW_TRACKING_URI");
  server.experiment = environment_text("MLFLOW_EXPERIMENT_NAME");
  if (server.experiment.empty()) server.experiment = "stationhit";
  const std::string token = environment_text("MLFLOW_TRACKING_TOKEN");
  if (!token.empty()) {
    server.credentials.authorization = "Bearer " + token;
  } else {
    server.credentials.user = environment_text("MLFLOW_TRACKING_USERNAME");
    server.credentials.password = environment_text("MLFLOW_TRACKING_PASSWORD");
  }
  return server;
}

json pair(const std::string& key, const std::string& value) {
  return {{"key", key}, {"value", value}};
}

json creation(const RunDescription& run, const Moment& moment) {
  json tags =
      json::array({pair("mlflow.user", run.machine.user), pair("mlflow.source.type", "LOCAL")});
  if (!run.machine.command.empty())
    tags.push_back(pair("mlflow.source.name", run.machine.command.front()));
  for (const auto& texts : {run.versions, named_texts(run.machine)})
    for (const auto& [key, text] : texts) tags.push_back(pair(key, text));
  return {{"run_name", run.name}, {"start_time", moment.milliseconds()}, {"tags", tags}};
}

// The server takes at most 100 parameters at a time, of 6000 characters each.
std::vector<json> parameter_batches(const std::vector<NamedText>& parameters) {
  constexpr std::size_t largest_batch = 100, longest_value = 6000;
  std::vector<json> batches;
  for (std::size_t n = 0; n < parameters.size(); ++n) {
    if (n % largest_batch == 0) batches.push_back({{"params", json::array()}});
    batches.back()["params"].push_back(
        pair(parameters[n].first, parameters[n].second.substr(0, longest_value)));
  }
  return batches;
}

json metric_batch(std::span<const MetricValue> metrics, const Moment& moment) {
  json values = json::array();
  for (const MetricValue& metric : metrics)
    values.push_back({{"key", metric.name},
                      {"value", json_number(metric.value)},
                      {"timestamp", moment.milliseconds()},
                      {"step", moment.axis_value()}});
  return {{"metrics", values}};
}

json end(EndState state, const Moment& moment) {
  const char* status = state == EndState::finished      ? "FINISHED"
                       : state == EndState::interrupted ? "KILLED"
                                                        : "FAILED";
  return {{"status", status}, {"end_time", moment.milliseconds()}};
}

// folder/run.json: which run of which server this training is.
struct KnownRun {
  std::string server, id, artifacts;
};

std::optional<KnownRun> read_known_run(const fs::path& file, const std::string& server) {
  if (!fs::exists(file)) return std::nullopt;
  const json source = core::parse_json_or_discard<json>(core::read_text_file(file), file.string());
  const auto text = [&](const char* key) {
    return source.is_object() && source.contains(key) && source[key].is_string()
               ? source[key].get<std::string>()
               : std::string();
  };
  KnownRun run{text("server"), text("run_id"), text("artifact_uri")};
  if (run.id.empty() || run.server != server) return std::nullopt;
  return run;
}

class MlflowSender final : public Tracker {
 public:
  MlflowSender(Server server, fs::path folder, Sender sender)
      : server_(std::move(server)), folder_(std::move(folder)), sender_(std::move(sender)) {}

  void start(const RunDescription& run, const Moment& moment) override {
    if (!continue_run()) {
      create_run(run, moment);
      for (json& batch : parameter_batches(run.parameters))
        post("runs/log-batch", std::move(batch));
    }
    put_artifact("config.yaml", run.configuration, "text/plain");
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    post("runs/log-batch", metric_batch(metrics, moment));
  }

  void log_figure(const fs::path& png, const Moment& /*moment*/) override {
    if (!serves_artifacts()) return;
    put_artifact("plots/" + png.filename().string(), core::read_text_file(png), "image/png");
  }

  void finish(EndState state, const Moment& moment) override {
    post("runs/update", end(state, moment));
  }

 private:
  // False: there is no run to continue.
  bool continue_run() {
    const auto known = read_known_run(run_file(), server_.address);
    if (!known) return false;
    run_ = *known;
    const HttpRequest request =
        post_request("runs/update", {{"run_id", run_.id}, {"status", "RUNNING"}});
    const HttpAnswer answer = sender_.send(request);
    // 404: unknown; 400: deleted.
    if (answer.status == 404 || answer.status == 400) return false;
    if (answer.status != 200) sender_.fail(request, answer);
    return true;
  }

  void create_run(const RunDescription& run, const Moment& moment) {
    json body = creation(run, moment);
    body["experiment_id"] = find_or_create_experiment();
    const json info = parse(sender_.send_successfully(post_request("runs/create", body)));
    read([&] {
      const json& created = info.at("run").at("info");
      run_ = {server_.address, created.at("run_id"), created.at("artifact_uri")};
    });
    core::make_folder(folder_);
    core::write_text_file(
        run_file(),
        json{{"server", run_.server}, {"run_id", run_.id}, {"artifact_uri", run_.artifacts}}.dump(
            2) +
            "\n");
    if (!serves_artifacts())
      post("runs/set-tag", pair("mlflow.note.content",
                                "Figures and configuration stay in the run directory: this server "
                                "takes no artifacts over HTTP (mlflow server --serve-artifacts)."));
  }

  std::string find_or_create_experiment() {
    const HttpRequest request{HttpMethod::get, server_.address + api +
                                                   "experiments/get-by-name?experiment_name=" +
                                                   percent_encoded(server_.experiment)};
    const HttpAnswer answer = sender_.send(request);
    std::string id;
    if (answer.status == 404) {
      // Without this tag the page shows it as one of language models.
      const json kind{{"key", "mlflow.experimentKind"}, {"value", "custom_model_development"}};
      const json created = parse(sender_.send_successfully(post_request(
          "experiments/create", {{"name", server_.experiment}, {"tags", json::array({kind})}})));
      read([&] { id = created.at("experiment_id"); });
    } else if (answer.status == 200) {
      const json found = parse(answer.body);
      read([&] { id = found.at("experiment").at("experiment_id"); });
    } else {
      sender_.fail(request, answer);
    }
    return id;
  }

  [[nodiscard]] bool serves_artifacts() const {
    return run_.artifacts.starts_with(served_artifacts);
  }

  void put_artifact(const std::string& name, std::string content, const char* type) {
    if (!serves_artifacts()) return;
    std::string root = run_.artifacts.substr(served_artifacts.size());
    root.erase(0, root.find_first_not_of('/'));
    sender_.send_successfully(
        {HttpMethod::put,
         server_.address + "/api/2.0/mlflow-artifacts/artifacts/" + root + "/" + name,
         std::move(content), type});
  }

  void post(const char* path, json body) {
    body["run_id"] = run_.id;
    sender_.send_successfully(post_request(path, body));
  }

  [[nodiscard]] HttpRequest post_request(const char* path, const json& body) const {
    return {HttpMethod::post, server_.address + api + path, json_text(body)};
  }

  [[nodiscard]] json parse(const std::string& text) const {
    return core::parse_json_or_discard<json>(text, server_.address);
  }
  template <class Read>
  void read(Read&& read) const {
    core::read_json<json>(server_.address, "is it an MLflow server?", read);
  }

  [[nodiscard]] fs::path run_file() const { return folder_ / "run.json"; }

  Server server_;
  fs::path folder_;
  Sender sender_;
  KnownRun run_;
};

// A line is {"path", "body"} of a POST or {"artifact", "file"}.
class MlflowKeeper final : public Tracker {
 public:
  MlflowKeeper(std::string experiment, fs::path folder)
      : experiment_(std::move(experiment)), folder_(std::move(folder)) {}

  void start(const RunDescription& run, const Moment& moment) override {
    json body = creation(run, moment);
    body["experiment_name"] = experiment_;
    keep("runs/create", std::move(body));
    for (json& batch : parameter_batches(run.parameters)) keep("runs/log-batch", std::move(batch));
    write({{"artifact", "config.yaml"}, {"content", run.configuration}});
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    keep("runs/log-batch", metric_batch(metrics, moment));
  }

  void log_figure(const fs::path& png, const Moment& /*moment*/) override {
    write({{"artifact", "plots/" + png.filename().string()}, {"file", fs::absolute(png).string()}});
  }

  void finish(EndState state, const Moment& moment) override {
    keep("runs/update", end(state, moment));
  }

 private:
  void keep(const char* path, json body) { write({{"path", path}, {"body", std::move(body)}}); }

  void write(const json& line) {
    const fs::path file = folder_ / "unsent.jsonl";
    if (!lines_.is_open()) {
      core::make_folder(folder_);
      lines_.open(file, std::ios::app | std::ios::binary);
    }
    lines_ << json_text(line) << '\n' << std::flush;
    if (!lines_) throw core::DataError(file.string() + ": cannot be written");
  }

  std::string experiment_;
  fs::path folder_;
  std::ofstream lines_;
};

}  // namespace

std::unique_ptr<Tracker> make_mlflow_tracker(const fs::path& folder, const core::Logger& log) {
  const Server server = server_of_environment();
  BackgroundTargets targets{.name = "mlflow",
                            .kept = (folder / "unsent.jsonl").string(),
                            .make_sender = {},
                            .make_keeper = {}};
  targets.make_sender = [server, folder](const StopRequested& stop) -> std::unique_ptr<Tracker> {
    return std::make_unique<MlflowSender>(server, folder,
                                          Sender(make_http_client(server.credentials, stop), stop));
  };
  targets.make_keeper = [server, folder]() -> std::unique_ptr<Tracker> {
    return std::make_unique<MlflowKeeper>(server.experiment, folder);
  };
  return run_in_background(std::move(targets), log);
}

}  // namespace stationhit::tracking
