import { Heading } from "../parts/heading";
import { t } from "../words";

export function Compare() {
  return (
    <div class="view">
      <Heading>{t("nav.compare")}</Heading>
    </div>
  );
}
