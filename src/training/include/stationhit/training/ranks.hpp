// The ranks of a training: processes that train one network together, each on its own events. Free
// of Torch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {

// Another rank died, hangs or never came.
class RankLost : public core::DataError {
 public:
  using core::DataError::DataError;
};

// Collective calls: every rank makes the same ones in the same order. They throw RankLost, which
// names the ranks that do not answer.
class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual std::uint32_t rank() const = 0;
  [[nodiscard]] virtual std::uint32_t size() const = 0;
  // Sums over the ranks, element by element and in place; the same bits in all ranks.
  virtual void sum(std::span<double> values) = 0;
  // The bytes of all ranks, by rank. They may be of different lengths.
  [[nodiscard]] virtual std::vector<std::string> exchange(const std::string& bytes) = 0;
};

// The ranks as a training sees them: a value that is cheap to copy. By default there is only one,
// and its calls do nothing.
class Ranks {
 public:
  Ranks() = default;
  explicit Ranks(std::shared_ptr<Communicator> communicator)
      : communicator_(std::move(communicator)) {}

  [[nodiscard]] std::uint32_t rank() const { return communicator_ ? communicator_->rank() : 0; }
  [[nodiscard]] std::uint32_t size() const { return communicator_ ? communicator_->size() : 1; }
  // The first rank writes the files and the messages.
  [[nodiscard]] bool is_first() const { return rank() == 0; }
  // Whether this rank takes the event with this number in its epoch or split.
  [[nodiscard]] bool takes(std::uint64_t event) const { return event % size() == rank(); }

  void sum(std::span<double> values) const {
    if (size() > 1) communicator_->sum(values);
  }
  [[nodiscard]] std::vector<std::string> exchange(const std::string& bytes) const {
    return size() > 1 ? communicator_->exchange(bytes) : std::vector{bytes};
  }
  // Whether it is so in any of the ranks.
  [[nodiscard]] bool any(bool here) const {
    double ranks = here ? 1 : 0;
    sum({&ranks, 1});
    return ranks > 0;
  }

 private:
  std::shared_ptr<Communicator> communicator_;
};

}  // namespace stationhit::training
