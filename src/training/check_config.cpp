#include <algorithm>
#include <charconv>

#include <stationhit/core/errors.hpp>
#include <stationhit/training/trainer.hpp>

#include "loss.hpp"
#include "optimizer.hpp"

namespace stationhit::training {
namespace {

void require(bool fine, const std::string& key, const std::string& value, const std::string& allowed) {
  if (!fine) throw core::ConfigError("training." + key + ": " + value + " is not possible; allowed: " + allowed);
}

void require_one_of(const std::string& key, const std::string& value, const std::vector<std::string>& known) {
  std::string allowed;
  for (const auto& name : known) allowed += (allowed.empty() ? "" : " | ") + name;
  require(std::ranges::find(known, value) != known.end(), key, "\"" + value + "\"", allowed);
}

void require_at_least(const std::string& key, std::int32_t value, std::int32_t least) {
  require(value >= least, key, std::to_string(value), "a whole number >= " + std::to_string(least));
}

void check_pos_weight(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size() && value > 0;
  require(text == "auto" || number, "loss.pos_weight", "\"" + text + "\"", "auto, or a number > 0");
}

}  // namespace

void check(const TrainingConfig& config) {
  require_at_least("epochs", config.epochs, 1);
  require_at_least("batch_size", config.batch_size, 1);
  require_at_least("prefetch_batches", config.prefetch_batches, 1);
  require(config.background_share > 0 && config.background_share <= 1, "background_share", std::to_string(config.background_share),
          "0 < share <= 1");
  require_one_of("monitor", config.monitor, {"val_loss", "val_auc", "val_purity_0.99"});
  require_one_of("optimizer.name", config.optimizer.name, known_optimizers());
  require(config.optimizer.learning_rate > 0, "optimizer.learning_rate", std::to_string(config.optimizer.learning_rate), "a number > 0");
  require(config.optimizer.gradient_clip >= 0, "optimizer.gradient_clip", std::to_string(config.optimizer.gradient_clip), "a number >= 0");
  require_one_of("scheduler.name", config.scheduler.name, {"reduce_lr_on_plateau", "none"});
  require(config.scheduler.factor > 0 && config.scheduler.factor < 1, "scheduler.factor", std::to_string(config.scheduler.factor), "0 < factor < 1");
  require_one_of("loss.name", config.loss.name, known_losses());
  check_pos_weight(config.loss.pos_weight);
}

}  // namespace stationhit::training
