import { Heading } from "../parts/heading";
import { t } from "../words";

export function MapView() {
  return (
    <div class="view">
      <Heading>{t("nav.map")}</Heading>
    </div>
  );
}
