// The log file of a run directory: the messages and rows that the terminal shows, with date and
// time, also those that --quiet hides there, but no progress.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>

namespace stationhit::app {

// Grows in its place, because it is read meanwhile. Thread-safe. A file that cannot be written
// ends no run: the rest of the log is then left out.
class RunLog {
 public:
  RunLog() = default;
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // That of this process, which gets the messages of its logger.
  static RunLog& of_program();

  // From now on lines are kept, until open() says where they belong.
  void begin();
  // Appends what was kept to the file, and then every line at once. Further calls do nothing. False
  // if the file cannot be opened.
  [[nodiscard]] bool open(const std::filesystem::path& file);
  // Does nothing before begin(). `kind` stands between the time and the text ("info"); a text of
  // several lines has the time before the first.
  void add(const std::string& kind, const std::string& text);

 private:
  void write(const std::string& text);

  std::mutex mutex_;
  std::string kept_;
  int file_ = -1;
  bool begun_ = false, lost_ = false;
};

}  // namespace stationhit::app
