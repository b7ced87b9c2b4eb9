// One HTTP request at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace stationhit::tracking {

enum class HttpMethod { get, post, put };
[[nodiscard]] constexpr const char* name(HttpMethod method) {
  if (method == HttpMethod::get) return "GET";
  return method == HttpMethod::post ? "POST" : "PUT";
}

struct HttpRequest {
  HttpMethod method = HttpMethod::post;
  std::string url = {};  // http:// or https://, without user and password
  std::string body = {};
  std::string content_type = "application/json";
};

struct HttpAnswer {
  long status = 0;                      // 0: no answer came
  std::string body = {};                // without an answer: why there is none
  std::chrono::seconds retry_after{0};  // when the server asks to be left alone
  std::string redirect = {};            // where it sends us
};

// What the server knows us by. At most one of the two is set.
struct Credentials {
  std::string authorization = {};        // value of the header Authorization
  std::string user = {}, password = {};  // basic authentication
};

// True when the thread is to end: what may take long asks for it.
using StopRequested = std::function<bool()>;

class HttpClient {
 public:
  HttpClient() = default;
  virtual ~HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Never throws for what the network or the server does.
  [[nodiscard]] virtual HttpAnswer send(const HttpRequest& request) = 0;
};

// Certificates are verified. Redirects are not followed: credentials go to no other address than
// the one that the user gave. A request takes at most a minute, 10 s of it to connect, and ends
// within a second when a stop is requested. The client may move between threads, but only one at a
// time may use it. Throws DataError in a build without libcurl.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(Credentials credentials,
                                                           StopRequested stop);

}  // namespace stationhit::tracking
