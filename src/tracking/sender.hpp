// Requests that are repeated until the server has answered.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http_client.hpp"

namespace stationhit::tracking {

struct RetryPolicy {
  int first_attempts = 3;  // until the server has answered once: a machine may have no network
  int attempts = 8;        // later: it may be restarted; about two minutes
  std::chrono::milliseconds first_wait{1'000};  // doubled after every attempt
  std::chrono::milliseconds longest_wait{60'000};
};

// A request without an answer and answers that say "later" (408, 425, 429, 5xx) are repeated, not
// before the time that the server asks for.
class Sender {
 public:
  Sender(std::unique_ptr<HttpClient> client, StopRequested stop, const RetryPolicy& policy = {});

  // Throws DataError naming method, address and reason, without_secrets, where attempts are used up
  // or a stop is requested.
  [[nodiscard]] HttpAnswer send(const HttpRequest& request);

  // The body of the answer. Throws DataError also for an answer other than 2xx.
  std::string send_successfully(const HttpRequest& request);
  [[noreturn]] void fail(const HttpRequest& request, const HttpAnswer& answer) const;

 private:
  void wait(std::chrono::milliseconds time) const;

  std::unique_ptr<HttpClient> client_;
  StopRequested stop_;
  RetryPolicy policy_;
  bool answered_ = false;
};

}  // namespace stationhit::tracking
