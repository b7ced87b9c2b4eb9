#include <stationhit/core/observer.hpp>

namespace stationhit::core {
namespace {

class NoProgress final : public Progress {
 public:
  void update(std::uint64_t /*done*/, const std::string& /*note*/) override {}
};

}  // namespace

const Logger& Observer::log() const {
  static const Logger silent;
  return silent;
}

std::unique_ptr<Progress> Observer::start_progress(const std::string& /*label*/,
                                                   std::uint64_t /*total*/) const {
  return std::make_unique<NoProgress>();
}

const std::atomic<bool>& Observer::stop_flag() const {
  static const std::atomic<bool> never{false};
  return never;
}

std::unique_ptr<EndingAllowed> Observer::allow_ending(const char* /*line*/) const {
  return std::make_unique<EndingAllowed>();
}

}  // namespace stationhit::core
