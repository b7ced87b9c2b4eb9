// Records are appended and flushed one by one, because TensorBoard reads the file while it grows;
// a record that is cut off at its end is skipped by the reader. This is why the file does not get
// its name at the end like all others.
#include <array>
#include <chrono>
#include <fstream>
#include <utility>

#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/markdown.hpp>
#include <stationhit/tracking/tensorboard.hpp>

#include "event_file.hpp"

namespace stationhit::tracking {
namespace {

namespace fs = std::filesystem;

std::chrono::nanoseconds since_epoch() {
  return std::chrono::system_clock::now().time_since_epoch();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// The reader takes files whose name has "tfevents", in the order of their names: the time is first.
// Nanoseconds, because two trainers of one process may start within a second.
std::string file_name() {
  const auto time = since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return "events.out.tfevents." + std::to_string(seconds.count()) + "." + host_name() + "." +
         std::to_string(::getpid()) + "." + std::to_string((time - seconds).count());
}

// Signature (8 bytes), length and type of the chunk IHDR (8), width and height (big-endian).
PngImage read_png_header(std::string_view bytes, const fs::path& file) {
  constexpr std::size_t width_at = 16, header_size = 24;
  if (bytes.size() < header_size || !bytes.starts_with("\x89PNG\r\n\x1a\n"))
    throw core::DataError(file.string() + ": is not a PNG file");
  const auto big_endian = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (const char byte : bytes.substr(at, 4))
      value = value << 8U | static_cast<std::uint8_t>(byte);
    return value;
  };
  return {big_endian(width_at), big_endian(width_at + 4), bytes};
}

std::string markdown_list(const std::vector<NamedText>& texts) {
  std::string list;
  for (const auto& [name, text] : texts)
    list.append("* ")
        .append(core::escape_markdown(name))
        .append(": ")
        .append(core::escape_markdown(text)) += '\n';
  return list;
}

class TensorBoardTracker final : public Tracker {
 public:
  explicit TensorBoardTracker(fs::path folder) : folder_(std::move(folder)) {}

  void start(const RunDescription& run, const Moment& moment) override {
    std::error_code error;
    fs::create_directories(folder_, error);
    path_ = folder_ / file_name();
    file_.open(path_, std::ios::binary);
    write(version_event(moment.seconds()));
    write_text(moment, "configuration", "```yaml\n" + run.configuration + "```\n");
    write_text(moment, "versions_and_machine",
               markdown_list(run.versions) + markdown_list(named_texts(run.machine)));
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    for (const MetricValue& metric : metrics)
      write(scalar_event(moment.seconds(), moment.axis_value(), metric.name, metric.value));
  }

  void log_figure(const fs::path& png, const Moment& moment) override {
    const std::string bytes = core::read_text_file(png);
    write(image_event(moment.seconds(), moment.axis_value(), png.stem().string(),
                      read_png_header(bytes, png)));
  }

  void finish(EndState state, const Moment& moment) override {
    write_text(moment, "end_state", name(state));
    file_.close();
  }

 private:
  void write_text(const Moment& moment, std::string_view tag, std::string_view text) {
    write(text_event(moment.seconds(), moment.axis_value(), tag, text));
  }

  void write(const std::string& event) {
    file_ << encode_record(event) << std::flush;
    if (!file_)
      throw core::DataError(path_.string() +
                            ": cannot be written; check free space and rights of the folder");
  }

  fs::path folder_, path_;
  std::ofstream file_;
};

}  // namespace

std::unique_ptr<Tracker> make_tensorboard_tracker(fs::path folder) {
  return std::make_unique<TensorBoardTracker>(std::move(folder));
}

}  // namespace stationhit::tracking
