#include "http_client.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <curl/curl.h>

namespace stationhit::tracking {
namespace {

constexpr std::size_t longest_answer = std::size_t{1} << 20U;

void initialize_library() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::size_t append_body(const char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  body.append(bytes, std::min(size * count, longest_answer - body.size()));
  return size * count;
}

// The library calls it about once a second; another value than 0 ends the request.
int ask_for_stop(void* stop, curl_off_t /*down*/, curl_off_t /*down_now*/, curl_off_t /*up*/,
                 curl_off_t /*up_now*/) {
  return (*static_cast<const StopRequested*>(stop))() ? 1 : 0;
}

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& header) { list_ = curl_slist_append(list_, header.c_str()); }
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class CurlClient final : public HttpClient {
 public:
  CurlClient(Credentials credentials, StopRequested stop)
      : credentials_(std::move(credentials)), stop_(std::move(stop)) {
    initialize_library();
    handle_ = curl_easy_init();
  }
  ~CurlClient() override { curl_easy_cleanup(handle_); }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  HttpAnswer send(const HttpRequest& request) override {
    HttpAnswer answer;
    std::array<char, CURL_ERROR_SIZE> error{};
    HeaderList headers;
    add_headers(headers, request);
    curl_easy_reset(handle_);
    set_limits();
    set_request(request);
    set_credentials();
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_WRITEFUNCTION, append_body);
    set(CURLOPT_WRITEDATA, &answer.body);
    const CURLcode code = curl_easy_perform(handle_);
    if (code == CURLE_OK) {
      read_headers(answer);
    } else {
      answer.body = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
    }
    return answer;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_, option, value);
  }

  void add_headers(HeaderList& headers, const HttpRequest& request) const {
    if (!credentials_.authorization.empty())
      headers.add("Authorization: " + credentials_.authorization);
    if (request.method != HttpMethod::get) headers.add("Content-Type: " + request.content_type);
    headers.add("Expect:");  // else large bodies wait for an answer that some servers never send
  }

  // Verification of certificates and no redirects are the library's defaults; they stand here
  // because the key depends on them.
  void set_limits() {
    constexpr long seconds_to_connect = 10, seconds = 60;
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT, seconds_to_connect);
    set(CURLOPT_TIMEOUT, seconds);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, ask_for_stop);
    set(CURLOPT_XFERINFODATA, &stop_);
#if LIBCURL_VERSION_NUM >= 0x075700
    set(CURLOPT_QUICK_EXIT, 1L);  // no waiting for a name server that does not answer
#endif
  }

  void set_request(const HttpRequest& request) {
    set(CURLOPT_URL, request.url.c_str());
    if (request.method == HttpMethod::get) return;
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    if (request.method == HttpMethod::put) set(CURLOPT_CUSTOMREQUEST, "PUT");
  }

  void set_credentials() {
    if (credentials_.user.empty()) return;
    set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    set(CURLOPT_USERNAME, credentials_.user.c_str());
    set(CURLOPT_PASSWORD, credentials_.password.c_str());
  }

  void read_headers(HttpAnswer& answer) {
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t wait = 0;
    curl_easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &wait);
    answer.retry_after = std::chrono::seconds(wait);
    const char* redirect = nullptr;
    curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &redirect);
    if (redirect != nullptr) answer.redirect = redirect;
  }

  Credentials credentials_;
  StopRequested stop_;
  CURL* handle_ = nullptr;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Credentials credentials, StopRequested stop) {
  return std::make_unique<CurlClient>(std::move(credentials), std::move(stop));
}

}  // namespace stationhit::tracking
