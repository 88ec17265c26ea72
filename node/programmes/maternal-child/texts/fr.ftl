# Not yet read by a native speaker.
# Only letters of the default alphabet: à è é ù ì ò; words that need others are avoided.
menu = Mère et enfant
menu-register = Inscrire mère et enfant
menu-work = Mon travail
menu-language = Langue
exit = Quitter
bye = Merci. Au revoir.
work = Vos inscriptions : { $total }
    { $held } ici, { $carried } au centre
    { $accepted } acceptées, { $effective } terminées
    { $rejected } refusées, { $conflict } à vérifier
language = Langue - Language - Lugha

mother-given-name = Prénom de la mère ?
mother-family-name = Nom de famille de la mère ?
mother-birth-date = Naissance de la mère : année comme 1994 ou jour comme 17051994 ?
mother-phone = Téléphone de la mère ?
no-phone = Sans téléphone
mother-village = Village de la mère ?
mother-national-id = Numéro d'identité de la mère ?
no-national-id = Sans numéro
consent = Le ministère de la Santé garde ces réponses pour soigner mère et enfant. Acceptez-vous ?
yes = Oui
no = Non
consent-refused = Rien n'est gardé. La mère garde droit aux soins.

child-given-name = Prénom de l'enfant ?
not-named = Pas encore nommé
child-family-name = Nom de famille de l'enfant ?
child-sex = Sexe de l'enfant ?
female = Féminin
male = Masculin
child-birth-date = Jour de naissance de l'enfant, comme 17052026 ?
today = Aujourd'hui
yesterday = Hier
child-place-of-birth = Où est né l'enfant ?
place-home = Chez elle
place-clinic = En clinique
place-other = Ailleurs

summary = Mère : { $mother_given_name } { $mother_family_name }, { $mother_birth_date }, { $mother_phone }, { $mother_village }
    Enfant : { $child_given_name } { $child_family_name }, { $child_sex }, { $child_birth_date }
summary-known = Mère : { $mother_given_name } { $mother_family_name }
    Connue ? { $known_mother_1 }
    Enfant : { $child_given_name }, { $child_sex }, { $child_birth_date }
save-new = Garder
it-is-she = C'est elle
known-woman = Une d'elles ?
new-person = Une autre
save = Garder
change = Changer
cancel = Annuler
cancelled = Rien n'est gardé. Au revoir.
change-what = Changer quoi ?
change-mother-given-name = Prénom de la mère
change-mother-family-name = Nom de la mère
change-mother-birth-date = Naissance de la mère
change-mother-phone = Téléphone
change-mother-village = Village
change-mother-national-id = Numéro d'identité
change-child-given-name = Prénom de l'enfant
change-child-family-name = Nom de l'enfant
change-child-sex = Sexe de l'enfant
change-child-birth-date = Naissance de l'enfant
change-child-place-of-birth = Lieu de naissance
registered = Inscription : { $status }
    Mère { $mother_number }
    Enfant { $child_number }
    Veuillez noter ces deux numéros.

citizen-menu = Services publics
menu-status = Mon inscription
status-title = Vos inscriptions :
status-line = { $number } { $status }

form-consent = Accord de la mère

menu-care = Soins
menu-tasks = A faire
menu-day = Ma journée

rn = Numéro d'inscription (10 ou 12 chiffres) ?
not-a-woman = C'est le numéro d'un enfant. Veuillez rappeler avec celui de la mère.
not-a-child = C'est le numéro d'une mère. Veuillez rappeler avec celui de l'enfant.
menu-pregnancy = Grossesse
menu-birth = Naissance
menu-visit = Visite
menu-vaccines = Vaccins
menu-referral = Référence
menu-exit = Départ, décès ou refus
menu-child = Ajouter un enfant

is-known = Est-elle inscrite ?
known-yes = Oui, j'ai son numéro
known-no = Non, l'inscrire
dating = Que sait-elle ?
dating-period = Premier jour des dernières règles
dating-expected = Jour prévu de la naissance
last-period = Premier jour des dernières règles, comme 17052026 ?
expected-birth = Jour prévu de la naissance, comme 17052026 ?
babies = Combien de bébés ?
babies-one = Un
babies-two = Deux
babies-more = Trois ou plus
not-known = Ne sait pas
pregnancy-check = { $who } : naissance prévue { $expected_birth }, bébés : { $babies }
woman-registered = Inscrite. Son numéro est { $person }. Veuillez le noter.
woman-registered-next = Inscrite. Son numéro est { $person }. Veuillez le noter.
    Ensuite : { $due_1 }
saved = { $who } : c'est gardé.
    Ensuite : { $due_1 }
saved-done = { $who } : c'est gardé. Rien d'autre n'est prévu.

birth-day = { $who } : jour de la naissance, comme 17052026 ?
born-alive = Combien d'enfants sont nés vivants ?
stillborn = Combien d'enfants sont mort-nés ?
born-where = Où a eu lieu la naissance ?
baby-name = Enfant { $round } : prénom ?
baby-sex = Enfant { $round } : sexe ?
baby-registered = L'enfant { $round } a le numéro { $child_number }. Veuillez le noter.
more-babies = Deux enfants sont inscrits. Pour les autres : Soins, Ajouter un enfant.
child-of = { $who } : prénom de l'enfant ?
child-registered = Inscription faite. Numéro de l'enfant : { $child_number }. Veuillez le noter.

visit = { $who } : quelle visite ?
no-visit = { $who } : pas de visite ouverte. Entrez d'abord la grossesse ou la naissance.
visit-day = Jour de la visite, comme 17052026 ?
danger = Signes de danger ?
danger-none = Aucun
danger-bleeding = Saignement
danger-headache = Forte migraine
danger-fits = Convulsions
danger-fever = Fièvre
danger-pain = Forte douleur
danger-moves = Bébé bouge moins
danger-feeds = Bébé tète mal
danger-breathing = Respire mal
refer-now = Gardé. Danger : référer { $who } tout de suite ?
visit-anc-1 = Visite 1, sem. 12 : { $day }
visit-anc-2 = Visite 2, sem. 20 : { $day }
visit-anc-3 = Visite 3, sem. 26 : { $day }
visit-anc-4 = Visite 4, sem. 30 : { $day }
visit-anc-5 = Visite 5, sem. 34 : { $day }
visit-anc-6 = Visite 6, sem. 36 : { $day }
visit-anc-7 = Visite 7, sem. 38 : { $day }
visit-anc-8 = Visite 8, sem. 40 : { $day }
visit-pnc-1 = Suites, jour 1 : { $day }
visit-pnc-2 = Suites, jour 3 : { $day }
visit-pnc-3 = Suites, sem. 2 : { $day }
visit-pnc-4 = Suites, sem. 6 : { $day }

vaccines = { $who } : quels vaccins donnés ?
no-vaccine = Aucun vaccin prévu pour { $who }
vaccine-later = Rien à faire pour { $who } maintenant.
    Ensuite : { $due_1 }
vaccine-day = Jour des vaccins, comme 17052026 ?
vaccine-bcg = BCG : { $day }
vaccine-opv-0 = VPO 0 : { $day }
vaccine-penta-1 = Penta 1 : { $day }
vaccine-pcv-1 = PCV 1 : { $day }
vaccine-opv-1 = VPO 1 : { $day }
vaccine-rota-1 = Rota 1 : { $day }
vaccine-penta-2 = Penta 2 : { $day }
vaccine-pcv-2 = PCV 2 : { $day }
vaccine-opv-2 = VPO 2 : { $day }
vaccine-rota-2 = Rota 2 : { $day }
vaccine-penta-3 = Penta 3 : { $day }
vaccine-pcv-3 = PCV 3 : { $day }
vaccine-opv-3 = VPO 3 : { $day }
vaccine-ipv-1 = VPI : { $day }
vaccine-mr-1 = RR 1 : { $day }
vaccine-vitamin-a = Vitamine A : { $day }
vaccine-mr-2 = RR 2 : { $day }

referral-new = Référer quelqu'un
referral-outcome = Résultat d'une référence
facility = { $who } : référence vers quel lieu ?
reason = Pourquoi ?
reason-danger = Signe de danger
reason-birth = Pour la naissance
reason-child = Enfant malade
reason-other = Autre raison
referred = Référence de { $who } gardée. Dans 3 jours, A faire demande le résultat.
no-referral = Aucune référence de { $who } n'est connue ici.
outcome = { $who } : résultat de la référence ?
outcome-home = Vue, de retour
outcome-stays = Reste là-bas
outcome-not-gone = N'y est pas allée

exit-reason = { $who } : que s'est-il passé ?
exit-moved = Partie ailleurs
exit-died = Décès
exit-refused = Ne veut plus de soins
exit-sure = { $who } : plus rien ne sera prévu. Garder ?
gone = { $who } : c'est gardé. Plus rien n'est prévu. Un enfant parti aussi a son propre numéro.

tasks = A faire ({ $tasks_late } en retard). Que voulez-vous faire ?
no-task = Rien à faire dans les 7 jours.
task-visit = { $who } : visite { $day }
task-vaccines = { $who } : vaccins { $day }
task-referral = { $who } : résultat de référence
task-waiting = { $who } : demande l'inscription
waiting = { $who } demande à s'inscrire. Son nom de famille ?
waiting-no = Ce n'est pas vrai
entries = Inscriptions du jour : { $registrations }. Quelle saisie ?
no-entry = Rien n'est saisi aujourd'hui.
entry-what = { $who } : que faire de la saisie ?
entry-withdraw = Retirer
entry-correct = Retirer et saisir de nouveau
entry-leave = Laisser
withdrawn = Retiré. Cela ne compte plus.
enter-anew = Retirée. Veuillez rappeler et les inscrire à nouveau.
ask-supervisor = Une naissance ne se corrige pas ici. Veuillez le dire à votre responsable.
menu-entries = Mes saisies du jour
menu-hand-over = Confier mes personnes
colleague = Téléphone de l'agent de santé qui reprend vos personnes ?
hand-over-sure = Confier toutes vos personnes à { $colleague } ?
handed-over = { $count } personnes sont maintenant avec { $to }.

event-pre-registration = Demande d'inscription
event-agreed = Accord
event-pregnancy = Grossesse
event-birth = Naissance
event-visit = Visite
event-immunisation = Vaccins
event-referral = Référence
event-outcome = Résultat de référence
event-exit = Départ

menu-due = Ce qui est prévu pour nous
menu-pre-register = M'inscrire
unknown = Ce téléphone n'est pas encore inscrit. Choisissez M'inscrire, ou demandez à un agent de santé.
nothing-due = Rien n'est prévu pour vous maintenant.
due-title = Prévu :
due-line = { $due }
already-known = Ce téléphone est déjà connu ici. Veuillez demander à votre agent de santé.
own-name = Votre prénom ?
expected-month = Quand attendez-vous la naissance ? Mois comme 092026
own-village = Votre village ?
own-refused = Rien n'est gardé. Vous gardez droit aux soins.
pre-registered = Merci. Un agent de santé viendra vous voir. Votre numéro est { $person }. Veuillez le noter.
remind-clinic = Rappel : on vous attend au centre le { $day }. Si vous ne pouvez pas venir, demandez à un agent de santé.
sms-waiting = Quelqu'un demande une inscription. Veuillez composer le code et choisir A faire.
