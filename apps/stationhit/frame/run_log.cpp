// Every line is one write to the end of the file, so lines of two programs never mix.
#include "frame/run_log.hpp"

#include <array>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include <stationhit/core/text_encoding.hpp>
#include <stationhit/tracking/secrets.hpp>

namespace stationhit::app {
namespace {

std::string time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

}  // namespace

RunLog& RunLog::of_program() {
  static RunLog log;
  return log;
}

RunLog::~RunLog() {
  if (file_ >= 0) ::close(file_);
}

void RunLog::begin() {
  const std::lock_guard lock(mutex_);
  begun_ = true;
}

bool RunLog::open(const std::filesystem::path& file) {
  const std::lock_guard lock(mutex_);
  if (!begun_ || file_ >= 0 || lost_) return !lost_;
  file_ = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  lost_ = file_ < 0;
  write(kept_);
  kept_.clear();
  return file_ >= 0;
}

void RunLog::add(const std::string& kind, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (!begun_ || lost_) return;
  std::string line =
      time_text() + " " + kind + " " + core::printable_text(tracking::without_secrets(text));
  if (!line.ends_with('\n')) line += '\n';
  if (file_ < 0)
    kept_ += line;
  else
    write(line);
}

void RunLog::write(const std::string& text) {
  std::size_t done = 0;
  while (!lost_ && done < text.size()) {
    const ssize_t written = ::write(file_, text.data() + done, text.size() - done);
    if (written >= 0) done += static_cast<std::size_t>(written);
    lost_ = written < 0 && errno != EINTR;
  }
}

}  // namespace stationhit::app
