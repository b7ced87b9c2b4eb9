// Against a server that answers as MLflow does. tests/python/test_network_trackers.py does the same
// with the program; tools/try_mlflow.sh with an MLflow server.
#include <limits>
#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/tracking/mlflow.hpp>

#include "loopback_server.hpp"

namespace stationhit::tracking {
namespace {

using nlohmann::json;
using test::GivenAnswer;
using test::ReceivedRequest;

RunDescription small_run() {
  RunDescription run;
  run.name = "mine";
  run.configuration = "seed: 42\n";
  for (int n = 0; n < 150; ++n)
    run.parameters.emplace_back("p" + std::to_string(n), std::to_string(n));
  run.versions = {{"commit", "abc"}};
  run.machine.user = "me";
  run.machine.command = {"stationhit", "train"};
  return run;
}

GivenAnswer answer_as_mlflow(const ReceivedRequest& request) {
  if (request.path.find("get-by-name") != std::string::npos)
    return {404, R"({"error_code": "RESOURCE_DOES_NOT_EXIST"})"};
  if (request.path.ends_with("experiments/create")) return {200, R"({"experiment_id": "7"})"};
  if (request.path.ends_with("runs/create"))
    return {200, R"({"run": {"info": {"run_id": "r1",
                     "artifact_uri": "mlflow-artifacts:/7/r1/artifacts"}}})"};
  return {200, "{}"};
}

class Mlflow : public testing::Test {
 protected:
  void start(const test::LoopbackServer& server) {
    address_.emplace("MLFLOW_TRACKING_URI", server.address());
    tracker_ = make_mlflow_tracker(folder_, log_);
    tracker_->start(small_run(), {.epoch = 1});
  }
  void finish(EndState state = EndState::finished) {
    tracker_->finish(state, {.epoch = 2});
    tracker_.reset();
  }
  [[nodiscard]] std::vector<json> kept() const {
    std::vector<json> lines;
    std::istringstream text(core::read_text_file(folder_ / "unsent.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    return lines;
  }

  test::ScratchFolder scratch_;
  std::filesystem::path folder_ = scratch_ / "mlflow";
  std::vector<std::string> messages_;
  core::Logger log_{[this](core::LogLevel, const std::string& text) { messages_.push_back(text); }};
  std::optional<test::ScopedVariable> address_;
  std::unique_ptr<Tracker> tracker_;
};

TEST_F(Mlflow, SendsARun) {
  test::LoopbackServer server(answer_as_mlflow);
  start(server);
  tracker_->log_metrics(
      std::vector<MetricValue>{{"val_loss", 0.5},
                               {"val_auc", std::numeric_limits<double>::quiet_NaN()}},
      {.epoch = 1, .step = 30, .time = std::chrono::system_clock::time_point{}});
  core::write_text_file(scratch_ / "roc.png", "PNG");
  tracker_->log_figure(scratch_ / "roc.png", {.epoch = 2});
  finish();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 9U);
  const auto body = [&](std::size_t n) { return json::parse(requests[n].body); };
  const std::string api = "/api/2.0/mlflow/";
  EXPECT_EQ(requests[0].path, api + "experiments/get-by-name?experiment_name=stationhit");
  EXPECT_EQ(requests[1].path, api + "experiments/create");
  EXPECT_EQ(body(1), json::parse(R"({"name": "stationhit", "tags": [
      {"key": "mlflow.experimentKind", "value": "custom_model_development"}]})"));
  EXPECT_EQ(requests[2].path, api + "runs/create");
  EXPECT_EQ(body(2)["experiment_id"], "7");
  EXPECT_EQ(body(2)["run_name"], "mine");
  EXPECT_CONTAINS(body(2)["tags"].dump(), R"({"key":"commit","value":"abc"})");
  EXPECT_CONTAINS(body(2)["tags"].dump(), R"({"key":"command","value":"stationhit train"})");
  EXPECT_EQ(requests[3].path, api + "runs/log-batch");
  EXPECT_EQ(body(3)["params"].size(), 100U);
  EXPECT_EQ(body(4)["params"].size(), 50U);
  EXPECT_EQ(body(4)["params"][49], json({{"key", "p149"}, {"value", "149"}}));
  const std::string artifacts = "/api/2.0/mlflow-artifacts/artifacts/7/r1/artifacts/";
  EXPECT_EQ(requests[5].method + requests[5].path, "PUT" + artifacts + "config.yaml");
  EXPECT_EQ(requests[5].body, "seed: 42\n");
  EXPECT_EQ(body(6),
            json({{"run_id", "r1"},
                  {"metrics",
                   {{{"key", "val_loss"}, {"value", 0.5}, {"timestamp", 0}, {"step", 30}},
                    {{"key", "val_auc"}, {"value", "NaN"}, {"timestamp", 0}, {"step", 30}}}}}));
  EXPECT_EQ(requests[7].path, artifacts + "plots/roc.png");
  EXPECT_EQ(requests[8].path, api + "runs/update");
  EXPECT_EQ(body(8)["status"], "FINISHED");
  EXPECT_EQ(messages_, std::vector<std::string>{});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "unsent.jsonl"));
}

TEST_F(Mlflow, AContinuedTrainingGoesOnInItsRun) {
  test::LoopbackServer server(answer_as_mlflow);
  start(server);
  finish(EndState::interrupted);
  const std::size_t before = server.requests().size();
  EXPECT_EQ(json::parse(server.requests().back().body)["status"], "KILLED");
  start(server);
  finish();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), before + 3);
  EXPECT_EQ(json::parse(requests[before].body), json({{"run_id", "r1"}, {"status", "RUNNING"}}));
}

TEST_F(Mlflow, ARunThatTheServerNoLongerHasIsMadeAnew) {
  test::LoopbackServer server([](const ReceivedRequest& request) {
    return request.body.find("RUNNING") != std::string::npos ? GivenAnswer{404, "{}"}
                                                             : answer_as_mlflow(request);
  });
  start(server);
  finish();
  const std::size_t before = server.requests().size();
  start(server);
  finish();
  EXPECT_EQ(server.requests().size(), 2 * before + 1);
}

TEST_F(Mlflow, WhatTheServerRefusesIsKept) {
  test::LoopbackServer server([](const ReceivedRequest& request) {
    return request.body.find("val_loss") != std::string::npos
               ? GivenAnswer{400, R"({"message": "no such metric"})"}
               : answer_as_mlflow(request);
  });
  start(server);
  tracker_->log_metrics(std::vector<MetricValue>{{"val_loss", 0.5}}, {.epoch = 1});
  core::write_text_file(scratch_ / "roc.png", "PNG");
  tracker_->log_figure(scratch_ / "roc.png", {.epoch = 2});
  finish();
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_EQ(messages_[0], "the tracker mlflow sends nothing more: POST " + server.address() +
                              "/api/2.0/mlflow/runs/log-batch: answer 400: no such metric; what "
                              "was not sent is kept in " +
                              (folder_ / "unsent.jsonl").string());
  const auto lines = kept();
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0]["path"], "runs/create");
  EXPECT_EQ(lines[0]["body"]["experiment_name"], "stationhit");
  EXPECT_EQ(lines[3]["content"], "seed: 42\n");
  EXPECT_EQ(lines[4]["body"]["metrics"][0]["key"], "val_loss");
  EXPECT_EQ(lines[5],
            json({{"artifact", "plots/roc.png"}, {"file", (scratch_ / "roc.png").string()}}));
  EXPECT_EQ(lines[6]["body"]["status"], "FINISHED");
}

TEST_F(Mlflow, ThePasswordIsSentButNotShown) {
  test::LoopbackServer server([](const auto&) {
    return GivenAnswer{401, R"({"message": "the password opensesame is wrong"})"};
  });
  const test::ScopedVariable user("MLFLOW_TRACKING_USERNAME", "ali");
  const test::ScopedVariable password("MLFLOW_TRACKING_PASSWORD", "opensesame");
  start(server);
  finish();
  EXPECT_CONTAINS(server.requests().at(0).head, "Authorization: Basic YWxpOm9wZW5zZXNhbWU=\r\n");
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_CONTAINS(messages_[0],
                  "the server does not accept the credentials: the password "
                  "<MLFLOW_TRACKING_PASSWORD> is");
  EXPECT_FALSE(test::contains(core::read_text_file(folder_ / "unsent.jsonl"), "opensesame"));
}

TEST_F(Mlflow, AServerThatTakesNoFilesGetsANote) {
  test::LoopbackServer server([](const ReceivedRequest& request) {
    return request.path.ends_with("runs/create")
               ? GivenAnswer{200,
                             R"({"run": {"info": {"run_id": "r1", "artifact_uri": "s3://x"}}})"}
               : answer_as_mlflow(request);
  });
  start(server);
  tracker_->log_figure("roc.png", {.epoch = 1});
  finish();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 7U);
  EXPECT_CONTAINS(requests[3].body, "this server takes no artifacts over HTTP");
}

TEST_F(Mlflow, AnotherServerThanMlflowIsNamed) {
  test::LoopbackServer server([](const auto&) { return GivenAnswer{200, "<html>"}; });
  start(server);
  finish();
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_CONTAINS(messages_[0], server.address());
  EXPECT_CONTAINS(messages_[0], "is it an MLflow server?");
}

TEST_F(Mlflow, NeedsAnAddress) {
  EXPECT_CONTAINS(test::config_error([&] { (void)make_mlflow_tracker(folder_, log_); }),
                  "MLFLOW_TRACKING_URI is not set; set it to the address of an MLflow server");
  const test::ScopedVariable address("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db");
  EXPECT_CONTAINS(test::config_error([&] { (void)make_mlflow_tracker(folder_, log_); }),
                  "MLFLOW_TRACKING_URI is 'sqlite:///mlflow.db', expected the address");
}

}  // namespace
}  // namespace stationhit::tracking
