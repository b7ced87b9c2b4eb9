#include "sender.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/text_encoding.hpp>
#include <stationhit/tracking/secrets.hpp>

namespace stationhit::tracking {
namespace {

using nlohmann::json;

bool is_worth_repeating(const HttpAnswer& answer) {
  const long status = answer.status;
  return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

// Servers say in JSON what is wrong: MLflow in "message", Comet in "msg".
std::string reason_in(const std::string& body) {
  if (core::find_excessive_depth(body)) return {};
  const json parsed = json::parse(body, nullptr, false);
  for (const char* key : {"message", "msg"})
    if (parsed.is_object() && parsed.contains(key) && parsed[key].is_string())
      return parsed[key].get<std::string>();
  return {};
}

std::string describe(const HttpAnswer& answer) {
  constexpr std::size_t longest = 300;
  if (answer.status == 0) return "no answer (" + answer.body + ")";
  if (!answer.redirect.empty())
    return "the server sends us to " + answer.redirect +
           ", which is not followed; give that "
           "address where you trust it";
  std::string text = "answer " + std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403)
    text += ", the server does not accept the credentials";
  const std::string reason = reason_in(answer.body);
  return reason.empty() ? text : text + ": " + reason.substr(0, longest);
}

}  // namespace

Sender::Sender(std::unique_ptr<HttpClient> client, StopRequested stop, const RetryPolicy& policy)
    : client_(std::move(client)), stop_(std::move(stop)), policy_(policy) {}

HttpAnswer Sender::send(const HttpRequest& request) {
  std::chrono::milliseconds pause = policy_.first_wait;
  for (int attempt = 1;; ++attempt) {
    HttpAnswer answer = client_->send(request);
    if (!is_worth_repeating(answer)) {
      answered_ = true;
      return answer;
    }
    if (attempt >= (answered_ ? policy_.attempts : policy_.first_attempts) || stop_())
      fail(request, answer);
    wait(std::max<std::chrono::milliseconds>(
        pause, std::min<std::chrono::milliseconds>(answer.retry_after, policy_.longest_wait)));
    if (stop_()) fail(request, answer);
    pause = std::min(2 * pause, policy_.longest_wait);
  }
}

std::string Sender::send_successfully(const HttpRequest& request) {
  HttpAnswer answer = send(request);
  if (answer.status < 200 || answer.status > 299) fail(request, answer);
  return std::move(answer.body);
}

void Sender::fail(const HttpRequest& request, const HttpAnswer& answer) const {
  // The query may be long and says nothing to a user.
  const std::string address = request.url.substr(0, request.url.find('?'));
  const std::string text =
      std::string(name(request.method)) + " " + address + ": " + describe(answer);
  throw core::DataError(core::printable_line(without_secrets(text)));
}

void Sender::wait(std::chrono::milliseconds time) const {
  constexpr std::chrono::milliseconds slice{20};
  const auto end = std::chrono::steady_clock::now() + time;
  while (!stop_() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::min(slice, time));
}

}  // namespace stationhit::tracking
