// Against a server that answers as Comet does. tests/python/test_network_trackers.py does the same
// with the program; tests/python/test_tracking_services.py compares with the official client.
#include <algorithm>
#include <limits>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/tracking/comet.hpp>

#include "loopback_server.hpp"

namespace stationhit::tracking {
namespace {

using nlohmann::json;
using test::GivenAnswer;
using test::ReceivedRequest;

const std::string api_key = "SecretKeyOfTheAccount1234";
const std::string experiment_key(32, 'e');

RunDescription small_run() {
  RunDescription run;
  run.name = "mine";
  run.configuration = "seed: 42\n";
  run.parameters = {{"seed", "42"}};
  run.versions = {{"commit", "abc"}};
  run.machine.host = "node7";
  return run;
}

GivenAnswer answer_as_comet(const ReceivedRequest& request) {
  if (request.path.ends_with("account-details"))
    return {200, R"({"userName": "me", "defaultWorkspaceName": "home"})"};
  if (request.path.ends_with("experiment/create"))
    return {200, json{{"experimentKey", experiment_key}}.dump()};
  return {200, R"({"msg": "ok"})"};
}

class Comet : public testing::Test {
 protected:
  void start(const test::LoopbackServer& server) {
    key_.emplace("COMET_API_KEY", api_key);
    server_.emplace("COMET_URL_OVERRIDE", server.address() + "/clientlib/");
    tracker_ = make_comet_tracker(folder_, log_);
    tracker_->start(small_run(), {.epoch = 1});
  }
  void log_metric() {
    tracker_->log_metrics(std::vector<MetricValue>{{"val_loss", 0.5}}, {.epoch = 2});
  }
  void finish(EndState state = EndState::finished) {
    tracker_->finish(state, {.epoch = 2});
    tracker_.reset();
  }
  [[nodiscard]] std::vector<std::filesystem::path> archives() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path().extension() == ".zip") found.push_back(entry.path());
    return found;
  }
  void expect_key_is_nowhere() const {
    for (const std::string& message : messages_) EXPECT_FALSE(test::contains(message, api_key));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      EXPECT_FALSE(test::contains(core::read_text_file(entry.path()), api_key)) << entry.path();
  }

  test::ScratchFolder scratch_;
  std::filesystem::path folder_ = scratch_ / "comet";
  std::vector<std::string> messages_;
  core::Logger log_{[this](core::LogLevel, const std::string& text) { messages_.push_back(text); }};
  std::optional<test::ScopedVariable> key_, server_;
  std::unique_ptr<Tracker> tracker_;
};

TEST_F(Comet, SendsAnExperiment) {
  test::LoopbackServer server(answer_as_comet);
  start(server);
  tracker_->log_metrics(
      std::vector<MetricValue>{{"val_loss", 0.5},
                               {"val_auc", std::numeric_limits<double>::quiet_NaN()}},
      {.epoch = 1, .step = 30, .time = std::chrono::system_clock::time_point{}});
  core::write_text_file(scratch_ / "roc.png", "PNG");
  tracker_->log_figure(scratch_ / "roc.png", {.epoch = 2});
  finish();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 13U);
  const std::string api = "/api/rest/v2/", write = api + "write/experiment/";
  for (const auto& request : requests)
    EXPECT_CONTAINS(request.head, "Authorization: " + api_key + "\r\n");
  const auto body = [&](std::size_t n) { return json::parse(requests[n].body); };
  EXPECT_EQ(requests[0].path, api + "account-details");
  EXPECT_EQ(requests[1].path, write + "create");
  EXPECT_EQ(
      body(1),
      json({{"workspaceName", "home"}, {"projectName", "stationhit"}, {"experimentName", "mine"}}));
  EXPECT_EQ(requests[2].path, write + "parameter");
  EXPECT_EQ(body(2)["experimentKey"], experiment_key);
  EXPECT_EQ(body(2)["parameterName"], "seed");
  EXPECT_EQ(body(2)["parameterValue"], "42");
  EXPECT_EQ(requests[3].path, write + "log-other");
  EXPECT_EQ(body(3)["key"], "commit");
  EXPECT_EQ(body(4)["value"], "node7");
  EXPECT_EQ(requests[5].path, write + "system-details");
  EXPECT_EQ(body(5)["hostname"], "node7");
  EXPECT_EQ(requests[6].path,
            write + "upload-asset?experimentKey=" + experiment_key +
                "&fileName=config.yaml&type=asset&extension=yaml&overwrite=false");
  EXPECT_CONTAINS(requests[6].body, "filename=\"config.yaml\"\r\n");
  EXPECT_CONTAINS(requests[6].body, "\r\n\r\nseed: 42\n\r\n--");
  EXPECT_EQ(body(7), json({{"experimentKey", experiment_key},
                           {"metricName", "val_loss"},
                           {"metricValue", 0.5},
                           {"step", 30},
                           {"epoch", 1},
                           {"timestamp", 0}}));
  EXPECT_EQ(body(8)["metricValue"], "NaN");
  EXPECT_TRUE(requests[9].path.ends_with(
      "&fileName=roc.png&type=image&extension=png&overwrite=false&step=2"));
  EXPECT_EQ(body(10)["value"], "finished");
  EXPECT_EQ(requests[11].path, write + "set-start-end-time");
  EXPECT_LE(body(11)["startTimeMillis"], body(11)["endTimeMillis"]);
  EXPECT_EQ(requests[12].path, write + "update-status");
  EXPECT_EQ(body(12), json({{"experimentKey", experiment_key},
                            {"isAlive", false},
                            {"error", nullptr},
                            {"hasCrashed", false}}));
  EXPECT_TRUE(archives().empty());
  EXPECT_EQ(messages_, std::vector<std::string>{});
  expect_key_is_nowhere();
}

TEST_F(Comet, AContinuedTrainingGoesOnInItsExperiment) {
  test::LoopbackServer server(answer_as_comet);
  start(server);
  finish(EndState::interrupted);
  start(server);
  finish();
  const auto requests = server.requests();
  EXPECT_EQ(std::ranges::count_if(
                requests, [](const auto& request) { return request.path.ends_with("create"); }),
            1);
  EXPECT_TRUE(std::ranges::any_of(requests, [](const auto& request) {
    return request.path.ends_with("experiment/metadata?experimentKey=" + experiment_key);
  }));
  EXPECT_EQ(json::parse(requests.back().body)["experimentKey"], experiment_key);
}

TEST_F(Comet, WhatTheServerRefusesIsInAnArchiveWithoutTheKey) {
  test::LoopbackServer server([](const auto&) {
    return GivenAnswer{401, R"({"msg": "bad key )" + api_key + "\"}"};
  });
  start(server);
  log_metric();
  finish();
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_EQ(
      messages_[0],
      "the tracker comet sends nothing more: GET " + server.address() +
          "/api/rest/v2/account-details: answer 401, the server does not accept the "
          "credentials: bad key <COMET_API_KEY>; what was not sent is kept in an archive in " +
          folder_.string() + ", which the command comet upload sends");
  ASSERT_EQ(archives().size(), 1U);
  const std::string archive = core::read_text_file(archives()[0]);
  EXPECT_CONTAINS(archive, R"("resume_strategy":"create")");
  EXPECT_CONTAINS(archive, R"("metricName":"val_loss")");
  EXPECT_CONTAINS(archive, "seed: 42\n");
  EXPECT_CONTAINS(archive, R"("value":"finished")");
  expect_key_is_nowhere();
}

TEST_F(Comet, AnArchiveOfAnExperimentThatWasBegunContinuesIt) {
  test::LoopbackServer server([](const ReceivedRequest& request) {
    return request.path.ends_with("/metric") ? GivenAnswer{400, "{}"} : answer_as_comet(request);
  });
  start(server);
  log_metric();
  finish();
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_TRUE(archives()[0].filename().string().starts_with(experiment_key + "-"));
  const std::string archive = core::read_text_file(archives()[0]);
  EXPECT_CONTAINS(archive, R"("resume_strategy":"get_or_create")");
  EXPECT_CONTAINS(archive, R"("offline_id":")" + experiment_key);
}

TEST_F(Comet, WithoutAKeyEverythingStaysLocal) {
  EXPECT_EQ(test::config_error([&] { (void)make_comet_tracker(folder_, log_); }),
            "COMET_API_KEY is not set, so everything stays in the run directory");
}

TEST_F(Comet, KeysAndAddressesThatCannotBeRight) {
  const auto error = [&] {
    return test::config_error([&] { (void)make_comet_tracker(folder_, log_); });
  };
  const test::ScopedVariable key("COMET_API_KEY", "two words");
  EXPECT_CONTAINS(error(), "COMET_API_KEY holds spaces or other characters");
  EXPECT_FALSE(test::contains(error(), "two"));
  key_.emplace("COMET_API_KEY", api_key);
  server_.emplace("COMET_URL_OVERRIDE", "http://comet.example/clientlib/");
  EXPECT_EQ(error(),
            "COMET_URL_OVERRIDE is http://comet.example, where the key could be read on its way; "
            "give an https address");
}

}  // namespace
}  // namespace stationhit::tracking
