#include "../../../src/tracking/sender.hpp"

#include <deque>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include "loopback_server.hpp"

namespace stationhit::tracking {
namespace {

using namespace std::chrono_literals;

// Gives the answers in their order; the last one for ever.
class ScriptedClient final : public HttpClient {
 public:
  ScriptedClient(std::deque<HttpAnswer> answers, int& calls)
      : answers_(std::move(answers)), calls_(calls) {}
  HttpAnswer send(const HttpRequest& /*request*/) override {
    ++calls_;
    HttpAnswer answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }

 private:
  std::deque<HttpAnswer> answers_;
  int& calls_;
};

const HttpRequest request{HttpMethod::post, "http://host/x?key=1", "{}"};

class SenderTest : public testing::Test {
 protected:
  Sender make(std::deque<HttpAnswer> answers) {
    return {std::make_unique<ScriptedClient>(std::move(answers), calls_),
            [this] { return stop_; },
            {.first_attempts = 3, .attempts = 5, .first_wait = 1ms, .longest_wait = 4ms}};
  }
  std::string error_of(HttpAnswer answer) {
    Sender sender = make({std::move(answer)});
    return test::data_error([&] { sender.send_successfully(request); });
  }

  int calls_ = 0;
  bool stop_ = false;
};

TEST_F(SenderTest, RepeatsWhatTheServerTakesLater) {
  Sender sender = make({{.status = 503}, {.status = 429}, {.status = 200, .body = "done"}});
  EXPECT_EQ(sender.send_successfully(request), "done");
  EXPECT_EQ(calls_, 3);
}

TEST_F(SenderTest, GivesUpSoonWhereNothingEverAnswered) {
  EXPECT_EQ(error_of({.status = 0, .body = "Connection refused"}),
            "POST http://host/x: no answer (Connection refused)");
  EXPECT_EQ(calls_, 3);
}

TEST_F(SenderTest, HasMorePatienceWithAServerThatHasAnswered) {
  Sender sender = make({{.status = 200}, {.status = 500, .body = R"({"message": "disk full"})"}});
  sender.send_successfully(request);
  EXPECT_EQ(test::data_error([&] { sender.send_successfully(request); }),
            "POST http://host/x: answer 500: disk full");
  EXPECT_EQ(calls_, 1 + 5);
}

TEST_F(SenderTest, OtherAnswersAreFinal) {
  const test::ScopedVariable key("COMET_API_KEY", "KEY");
  EXPECT_EQ(error_of({.status = 401, .body = R"({"msg": "KEY is unknown"})"}),
            "POST http://host/x: answer 401, the server does not accept the credentials: "
            "<COMET_API_KEY> is unknown");
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(error_of({.status = 404, .body = "<html>"}), "POST http://host/x: answer 404");
  EXPECT_CONTAINS(error_of({.status = 302, .redirect = "http://elsewhere/"}),
                  "the server sends us to http://elsewhere/, which is not followed");
  Sender sender = make({{.status = 404}});
  EXPECT_EQ(sender.send(request).status, 404);
}

TEST_F(SenderTest, WaitsAsLongAsTheServerAsksFor) {
  Sender sender(
      std::make_unique<ScriptedClient>(
          std::deque<HttpAnswer>{{.status = 429, .retry_after = 1s}, {.status = 200}}, calls_),
      [] { return false; }, {.first_wait = 1ms, .longest_wait = 60'000ms});
  const auto begin = std::chrono::steady_clock::now();
  sender.send_successfully(request);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1s);
}

TEST_F(SenderTest, AStopEndsTheAttempts) {
  stop_ = true;
  EXPECT_EQ(error_of({.status = 500}), "POST http://host/x: answer 500");
  EXPECT_EQ(calls_, 1);
}

}  // namespace
}  // namespace stationhit::tracking
