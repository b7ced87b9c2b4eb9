#include <iomanip>
#include <sstream>

#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::training {

std::string metrics_csv(std::span<const EpochMetrics> history) {
  std::ostringstream text;
  text << "epoch,train_loss,val_loss,val_auc,val_purity_0.99,learning_rate,seconds,loader_wait,"
          "events_per_second\n"
       << std::setprecision(9);
  for (const EpochMetrics& row : history) {
    text << row.epoch << ',' << row.train_loss << ',' << row.val_loss << ',' << row.val_auc << ','
         << row.val_purity << ',' << row.learning_rate << ',' << row.seconds << ','
         << row.loader_wait << ',' << row.events_per_second << '\n';
  }
  return text.str();
}

}  // namespace stationhit::training
