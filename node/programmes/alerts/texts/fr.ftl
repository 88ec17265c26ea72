# Not yet read by a native speaker.
title = Alertes et signalements
exit = Quitter
bye = Merci. Au revoir.
language = Langue - Language - Lugha
menu-warnings = Alertes en cours
menu-report = Signaler un incident
menu-follow-ups = Suite à mon signalement
menu-reports = Signalements ouverts
menu-warn = Alerter une zone
menu-over = Lever une alerte
menu-language = Langue

warnings = Alertes en cours :
no-warning = Aucune alerte en ce moment.
advice = Restez ensemble. Prenez eau, vivres, médicaments et papiers. Suivez ceux qui vous préviennent. Aidez ceux qui ne marchent pas.
each-line = { $events }

kind = Que se passe-t-il ?
flood = Crue
fire = Feu
slide = Eboulement
storm = Tempete
sickness = Malades
other = Autre
place = Où ?
hurt = Combien de blessés ? Tapez 0 pour aucun.
kept = Le message part au district. Gardés : le message, votre nom si inscrit. Envoyer ?
send = Envoyer
cancel = Annuler
cancelled = Rien n'est envoyé. Au revoir.
reported = Merci. Le district le sait. En cas de danger, mettez-vous d'abord à l'abri.
follow-ups = Suite à vos messages :
no-follow-up = Rien de nouveau.

reports = Quel signalement ?
no-report = Aucun signalement ouvert.
outcome = Que fait-on ?
outcome-help = L'aide est en route
outcome-noted = C'est noté
outcome-closed = C'est terminé
followed-up = C'est gardé. Si la personne est inscrite, un SMS part.

warn-kind = Alerter de quoi ?
level = Quelle urgence ?
level-watch = Soyez attentifs
level-ready = Pret à partir
level-leave = Partez maintenant
warn-place = Pour quel lieu ?
warn-sure = Alerter { $incident_place } : { $kind }. { $level } ?
warned = L'alerte est lancée et les agents de santé sont prévenus.
over-which = Quelle alerte est finie ?
is-over = Cette alerte est levée.

warning-line = { $day } { $kind }, { $incident_place } : { $level }
warning-text = Alerte : { $kind }, { $incident_place }. { $level }. Prévenez les gens sur place.
incident-line = { $day } { $kind }, { $incident_place } : { $hurt }
incident-text = Signalement : { $kind }, { $incident_place }, { $hurt } blessés. { $who } { $caller }
follow-up-line = { $day } : { $outcome }
follow-up-text = A votre signalement : { $outcome }.
event-warning = Alerte
event-over = Fin d'alerte
event-incident = Signalement
event-follow-up = Suite

form-kind = Incident
form-place = Lieu
form-hurt = Blessés
