#include "../../../src/tracking/http_client.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include "loopback_server.hpp"

namespace stationhit::tracking {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<HttpClient> make(const Credentials& credentials = {}) {
  return make_http_client(credentials, [] { return false; });
}

TEST(HttpClient, SendsMethodPathHeadersAndBody) {
  test::LoopbackServer server([](const auto&) { return test::GivenAnswer{201, "made"}; });
  const auto client = make({.authorization = "KEY", .user = "", .password = ""});
  const HttpAnswer posted =
      client->send({HttpMethod::post, server.address() + "/a?b=1", "body", "text/plain"});
  EXPECT_EQ(posted.status, 201);
  EXPECT_EQ(posted.body, "made");
  const std::string large(100'000, 'x');
  EXPECT_EQ(client->send({HttpMethod::put, server.address() + "/c", large}).status, 201);
  EXPECT_EQ(client->send({HttpMethod::get, server.address() + "/d"}).status, 201);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method + " " + requests[0].path, "POST /a?b=1");
  EXPECT_EQ(requests[0].body, "body");
  EXPECT_CONTAINS(requests[0].head, "Authorization: KEY\r\n");
  EXPECT_CONTAINS(requests[0].head, "Content-Type: text/plain\r\n");
  EXPECT_EQ(requests[1].method + " " + requests[1].path, "PUT /c");
  EXPECT_EQ(requests[1].body, large);
  EXPECT_FALSE(test::contains(requests[1].head, "Expect"));
  EXPECT_EQ(requests[2].method + " " + requests[2].path, "GET /d");
  EXPECT_EQ(requests[2].body, "");
}

TEST(HttpClient, BasicAuthentication) {
  test::LoopbackServer server([](const auto&) { return test::GivenAnswer{}; });
  const auto client = make({.authorization = "", .user = "user", .password = "word"});
  EXPECT_EQ(client->send({HttpMethod::get, server.address()}).status, 200);
  EXPECT_CONTAINS(server.requests().at(0).head, "Authorization: Basic dXNlcjp3b3Jk\r\n");
}

// Following it would send the key to the other address.
TEST(HttpClient, RedirectsAreToldNotFollowed) {
  test::LoopbackServer other([](const auto&) { return test::GivenAnswer{}; });
  const std::string target = other.address() + "/elsewhere";
  test::LoopbackServer server([&](const auto&) {
    return test::GivenAnswer{302, "", "Location: " + target + "\r\n"};
  });
  const HttpAnswer answer = make({.authorization = "KEY", .user = "", .password = ""})
                                ->send({HttpMethod::post, server.address(), "{}"});
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.redirect, target);
  EXPECT_TRUE(other.requests().empty());
}

TEST(HttpClient, TellsWhenTheServerWantsToBeLeftAlone) {
  test::LoopbackServer server([](const auto&) {
    return test::GivenAnswer{429, "", "Retry-After: 7\r\n"};
  });
  EXPECT_EQ(make()->send({HttpMethod::get, server.address()}).retry_after, 7s);
}

TEST(HttpClient, NoServerIsNoAnswer) {
  std::string address;
  {
    const test::LoopbackServer gone([](const auto&) { return test::GivenAnswer{}; });
    address = gone.address();
  }
  const HttpAnswer answer = make()->send({HttpMethod::get, address});
  EXPECT_EQ(answer.status, 0);
  EXPECT_CONTAINS(answer.body, "connect");
}

TEST(HttpClient, AStopEndsARequestThatHangs) {
  std::atomic<bool> stop = false, answered = false;
  test::LoopbackServer server([&](const auto&) {
    while (!answered) std::this_thread::sleep_for(1ms);
    return test::GivenAnswer{};
  });
  const auto client = make_http_client({}, [&] { return stop.load(); });
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);
    stop = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client->send({HttpMethod::get, server.address()}).status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  answered = true;
  stopper.join();
}

}  // namespace
}  // namespace stationhit::tracking
