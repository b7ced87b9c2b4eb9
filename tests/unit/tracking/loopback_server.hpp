// A server of HTTP on this machine, for tests of what sends to one.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stationhit::test {

struct ReceivedRequest {
  std::string method, path, head, body;
};

struct GivenAnswer {
  int status = 200;
  std::string body = "{}";
  std::string headers = {};  // lines that end with \r\n
};

// Answers one connection after the other, each with one request, by what `answer` returns for it.
class LoopbackServer {
 public:
  using Answer = std::function<GivenAnswer(const ReceivedRequest&)>;

  explicit LoopbackServer(Answer answer) : answer_(std::move(answer)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    auto* generic = reinterpret_cast<sockaddr*>(&place);
    ::bind(socket_, generic, size);
    ::listen(socket_, 16);
    ::getsockname(socket_, generic, &size);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~LoopbackServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<ReceivedRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      const ReceivedRequest request = receive(connection);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      send(connection, answer_(request));
      ::close(connection);
    }
  }

  static ReceivedRequest receive(int connection) {
    std::string text;
    std::size_t head_end = 0, expected = std::string::npos;
    char bytes[4096];
    while (text.size() < expected) {
      const ssize_t count = ::recv(connection, bytes, sizeof bytes, 0);
      if (count <= 0) break;
      text.append(bytes, static_cast<std::size_t>(count));
      const auto end = text.find("\r\n\r\n");
      if (expected == std::string::npos && end != std::string::npos) {
        head_end = end + 4;
        expected = head_end + content_length(text.substr(0, end));
      }
    }
    const auto space = text.find(' '), second = text.find(' ', space + 1);
    return {text.substr(0, space), text.substr(space + 1, second - space - 1),
            text.substr(0, head_end), text.substr(head_end)};
  }

  static std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }

  static void send(int connection, const GivenAnswer& answer) {
    const std::string text =
        "HTTP/1.1 " + std::to_string(answer.status) + " x\r\n" + answer.headers +
        "Connection: close\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
        answer.body;
    ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
  }

  Answer answer_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<ReceivedRequest> requests_;
  std::thread thread_;
};

// Sets an environment variable for the life of the object.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~ScopedVariable() { ::unsetenv(name_.c_str()); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  std::string name_;
};

}  // namespace stationhit::test
