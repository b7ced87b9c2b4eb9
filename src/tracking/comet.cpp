#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/tracking/comet.hpp>

#include "background_tracker.hpp"
#include "comet_archive.hpp"
#include "json_body.hpp"
#include "sender.hpp"
#include "server_address.hpp"

namespace stationhit::tracking {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* default_server = "https://www.comet.com";

struct Account {
  std::string server, api_key;
  CometPlace place;
};

// Keys are headers: with a line end in it, a key would be two.
bool is_plausible(const std::string& api_key) {
  return std::ranges::all_of(api_key, [](char c) { return c > ' ' && c < '\x7F'; });
}

Account account_of_environment() {
  Account account{.server = default_server,
                  .api_key = environment_text("COMET_API_KEY"),
                  .place = {.workspace = environment_text("COMET_WORKSPACE"),
                            .project = environment_text("COMET_PROJECT_NAME")}};
  if (account.place.project.empty()) account.place.project = "stationhit";
  if (account.api_key.empty())
    throw core::ConfigError("COMET_API_KEY is not set, so everything stays in the run directory");
  if (!is_plausible(account.api_key))
    throw core::ConfigError(
        "COMET_API_KEY holds spaces or other characters that no key has; copy the key from the "
        "settings of the account again");
  const std::string given = environment_text("COMET_URL_OVERRIDE");
  if (!given.empty())
    account.server = host_address(checked_server_address(given, "COMET_URL_OVERRIDE"));
  if (!is_confidential(account.server))
    throw core::ConfigError("COMET_URL_OVERRIDE is " + account.server +
                            ", where the key could be read on its way; give an https address");
  return account;
}

// A form with one file.
HttpRequest upload(const std::string& url, const std::string& name, std::string_view content) {
  constexpr std::string_view boundary = "stationhit-5bd1e995f6a34c21";
  std::string body;
  body.append("--").append(boundary);
  body += "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
          "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
  body.append(content).append("\r\n--").append(boundary).append("--\r\n");
  return {HttpMethod::post, url, std::move(body),
          "multipart/form-data; boundary=" + std::string(boundary)};
}

class CometSender final : public Tracker {
 public:
  CometSender(Account account, fs::path folder, Sender sender)
      : account_(std::move(account)), folder_(std::move(folder)), sender_(std::move(sender)) {}

  void start(const RunDescription& run, const Moment& moment) override {
    if (!continue_experiment()) {
      create_experiment(run.name);
      begin_ = moment.milliseconds();
    }
    for (const auto& [name, value] : run.parameters)
      post("parameter", {{"parameterName", name},
                         {"parameterValue", value},
                         {"timestamp", moment.milliseconds()}});
    for (const auto& texts : {run.versions, named_texts(run.machine)})
      for (const auto& [name, text] : texts) post_other(name, text);
    post_machine(run.machine);
    upload_asset("asset", "config.yaml", "yaml", run.configuration, "");
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    for (const MetricValue& metric : metrics)
      post("metric", {{"metricName", metric.name},
                      {"metricValue", json_number(metric.value)},
                      {"step", moment.axis_value()},
                      {"epoch", moment.epoch},
                      {"timestamp", moment.milliseconds()}});
  }

  void log_figure(const fs::path& png, const Moment& moment) override {
    upload_asset("image", png.filename().string(), "png", core::read_text_file(png),
                 "&step=" + std::to_string(moment.axis_value()));
  }

  void finish(EndState state, const Moment& moment) override {
    post_other("end_state", std::string(name(state)));
    json times{{"endTimeMillis", moment.milliseconds()}};
    if (begin_ > 0) times["startTimeMillis"] = begin_;
    post("set-start-end-time", std::move(times));
    post("update-status",
         {{"isAlive", false}, {"error", nullptr}, {"hasCrashed", state == EndState::failed}});
  }

  void keep_alive() override { get("write/experiment/set-status?experimentKey=" + key_); }

 private:
  // False: there is none to continue.
  bool continue_experiment() {
    const CometExperiment known = read_comet_experiment(folder_);
    if (known.key.empty() || known.server != account_.server) return false;
    const HttpRequest request{HttpMethod::get,
                              url("experiment/metadata?experimentKey=" + known.key)};
    const HttpAnswer answer = sender_.send(request);
    if (answer.status == 400 || answer.status == 404) return false;
    if (answer.status != 200) sender_.fail(request, answer);
    key_ = known.key;
    post("update-status", {{"isAlive", true}, {"error", nullptr}, {"hasCrashed", false}});
    return true;
  }

  void create_experiment(const std::string& run_name) {
    const json created =
        parse(sender_.send_successfully({HttpMethod::post, url("write/experiment/create"),
                                         json_text({{"workspaceName", workspace()},
                                                    {"projectName", account_.place.project},
                                                    {"experimentName", run_name}})}));
    read([&] { key_ = created.at("experimentKey"); });
    save_comet_experiment(folder_, {account_.server, key_});
  }

  std::string workspace() {
    if (!account_.place.workspace.empty()) return account_.place.workspace;
    const json details = parse(get("account-details"));
    std::string name;
    read([&] { name = details.at("defaultWorkspaceName"); });
    return name;
  }

  void post_other(const std::string& name, const std::string& text) {
    post("log-other", {{"key", name}, {"value", text}});
  }

  void post_machine(const Machine& machine) {
    post("system-details", {{"command", machine.command},
                            {"executable", machine.command.empty() ? "" : machine.command.front()},
                            {"hostname", machine.host},
                            {"machine", machine.architecture},
                            {"os", machine.system + " " + machine.release},
                            {"osRelease", machine.release},
                            {"osType", machine.system},
                            {"pid", machine.process},
                            {"processor", machine.processor},
                            {"user", machine.user}});
  }

  void upload_asset(const char* type, const std::string& name, const std::string& extension,
                    std::string_view content, const std::string& step) {
    sender_.send_successfully(upload(url("write/experiment/upload-asset?experimentKey=" + key_ +
                                         "&fileName=" + percent_encoded(name) + "&type=" + type +
                                         "&extension=" + extension + "&overwrite=false" + step),
                                     name, content));
  }

  void post(const char* what, json body) {
    body["experimentKey"] = key_;
    sender_.send_successfully(
        {HttpMethod::post, url(std::string("write/experiment/") + what), json_text(body)});
  }

  std::string get(const std::string& path) {
    return sender_.send_successfully({HttpMethod::get, url(path)});
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return account_.server + "/api/rest/v2/" + path;
  }
  [[nodiscard]] json parse(const std::string& text) const {
    return core::parse_json_or_discard<json>(text, account_.server);
  }
  template <class Read>
  void read(Read&& read) const {
    core::read_json<json>(account_.server, "is it a server of Comet?", read);
  }

  Account account_;
  fs::path folder_;
  Sender sender_;
  std::string key_;
  std::int64_t begin_ = 0;  // milliseconds since 1970; 0: the experiment began before
};

}  // namespace

std::unique_ptr<Tracker> make_comet_tracker(const fs::path& folder, const core::Logger& log) {
  const Account account = account_of_environment();
  BackgroundTargets targets{
      .name = "comet",
      .kept = "an archive in " + folder.string() + ", which the command comet upload sends",
      .make_sender = {},
      .make_keeper = {}};
  targets.make_sender = [account, folder](const StopRequested& stop) -> std::unique_ptr<Tracker> {
    return std::make_unique<CometSender>(
        account, folder, Sender(make_http_client({.authorization = account.api_key}, stop), stop));
  };
  targets.make_keeper = [account, folder] { return make_comet_archive(folder, account.place); };
  return run_in_background(std::move(targets), log);
}

}  // namespace stationhit::tracking
